import { type Filters, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { formatList } from '../../format/list.ts';
import { imageList, imageRows } from '../../format/lists/image.ts';
import { atMost, defineCommand, flag } from '../command.ts';
import { addFilter, filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

/** Verbs of `image`: who lists images of such a name most likely meant the verb. */
const verbs = [
  'build',
  'history',
  'import',
  'inspect',
  'list',
  'load',
  'ls',
  'prune',
  'pull',
  'push',
  'rm',
  'save',
  'tag',
];

interface Options {
  all: boolean;
  digests: boolean;
  filter: Filters;
  format: string;
  noTrunc: boolean;
  quiet: boolean;
  tree: boolean;
}

/** Refuses what a tree cannot show, in docker's words. */
function checkTree({ quiet, noTrunc, digests, format }: Options): void {
  const problems: [boolean, string][] = [
    [quiet, '--quiet is not yet supported with --tree'],
    [noTrunc, '--no-trunc is not yet supported with --tree'],
    [digests, '--show-digest is not yet supported with --tree'],
    [format !== '', '--format is not yet supported with --tree'],
  ];
  const problem = problems.find(([given]) => given);
  if (problem) throw new CommandError(problem[1]);
}

function rawFormat(digests: boolean): string {
  return [
    'repository: {{.Repository}}',
    'tag: {{.Tag}}',
    ...(digests ? ['digest: {{.Digest}}'] : []),
    'image_id: {{.ID}}',
    'created_at: {{.CreatedAt}}',
    'virtual_size: {{.Size}}',
    '',
  ].join('\n');
}

/** The template that the images are printed with; a table that was asked for gets a column of digests too. */
function templateFor(options: Options, configured: string): string {
  const { digests } = options;
  const template = listTemplate(options, {
    table: `table {{.Repository}}\t{{.Tag}}\t${digests ? '{{.Digest}}\t' : ''}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    raw: { whole: rawFormat(digests), quiet: 'image_id: {{.ID}}' },
    configured,
  });
  const lacksDigest = template.startsWith('table') && digests && !template.includes('{{.Digest}}');
  return lacksDigest ? `${template}\t{{.Digest}}` : template;
}

async function list(options: Options, name: string | undefined, context: CommandContext): Promise<void> {
  const { streams } = context;
  const client = await context.connect();
  const filters = name === undefined ? options.filter : addFilter(options.filter, `reference=${name}`);
  if (options.tree) {
    checkTree(options);
    const images = await client.call(routes.imageList, {
      query: { all: options.all, filters, manifests: true },
    });
    const { imageTree } = await import('../../format/image-tree.ts');
    await streams.out.write(imageTree(images));
    return;
  }
  const images = await client.call(routes.imageList, { query: { all: options.all, filters } });
  const template = templateFor(options, context.config.format('imagesFormat'));
  const rows = imageRows(images, {
    digestRows: options.digests,
    digestShown: options.digests || template.includes('{{.Digest}}'),
  });
  const columns = imageList({ whole: options.noTrunc, now: new Date() });
  await streams.out.write(await formatList(columns, rows, template, streams.out));
  if (images.length === 0 && name !== undefined && verbs.includes(name)) {
    const { program } = context;
    await streams.err.line(`\nNo images found matching "${name}": did you mean "${program} image ${name}"?`);
  }
}

export default defineCommand({
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  description:
    'Lists the images of the engine, or those of one repository or tag. --format takes a Go template with the ' +
    'fields ID, Repository, Tag, Digest, CreatedSince, CreatedAt, Size, SharedSize, UniqueSize and Containers.',
  examples: [
    { command: 'images --filter dangling=true', explanation: 'Images without a name' },
    { command: "images --format '{{.Repository}}:{{.Tag}}'", explanation: 'Names alone, for a script' },
  ],
  arguments: atMost(1),
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Show images that are only a step of others too' }),
    digests: flag.boolean({ summary: 'Show digests' }),
    filter: filterFlag({
      summary: 'Show only what fits a condition, such as dangling=true (any number of times)',
    }),
    format: listFormatFlag,
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
    tree: flag.boolean({ summary: 'Show what images hold for each platform', since: '1.47' }),
  },
  run: async (options, [name], context) => {
    await list(options, name, context);
    return 0;
  },
});
