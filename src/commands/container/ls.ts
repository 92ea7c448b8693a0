import { type Filters, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { formatList, tryFormat } from '../../format/list.ts';
import { containerList } from '../../format/lists/container.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag } from '../list-format.ts';

const defaultTable =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}';

const rawFormat = [
  'container_id: {{.ID}}',
  'image: {{.Image}}',
  'command: {{.Command}}',
  'created_at: {{.CreatedAt}}',
  'state: {{- pad .State 1 0}}',
  'status: {{- pad .Status 1 0}}',
  'names: {{.Names}}',
  'labels: {{- pad .Labels 1 0}}',
  'ports: {{- pad .Ports 1 0}}',
  '',
].join('\n');

interface Options {
  all: boolean;
  filter: Filters;
  format: string;
  last: number;
  latest: boolean;
  noTrunc: boolean;
  quiet: boolean;
  size: boolean | undefined;
}

/** The template behind a `--format`, where `table` and `raw` alone stand for docker's own. */
function templateFor(format: string, quiet: boolean, size: boolean): string {
  switch (format) {
    case '':
    case 'table':
      return quiet ? '{{.ID}}' : `${defaultTable}${size ? '\t{{.Size}}' : ''}`;
    case 'raw':
      if (quiet) return 'container_id: {{.ID}}';
      return `${rawFormat}${size ? 'size: {{.Size}}\n' : ''}`;
    default:
      return quiet ? '{{.ID}}' : format;
  }
}

async function list(options: Options, context: CommandContext): Promise<void> {
  const { streams } = context;
  const columns = containerList({ whole: options.noTrunc, now: new Date() });
  const format = options.format || context.config.format('psFormat');
  if (options.format !== '' && options.quiet) {
    await streams.err.line('WARNING: Ignoring custom format, because both --format and --quiet are set.');
  }
  const read = format === '' ? undefined : await tryFormat(columns, {}, format);
  // Sizes are costly for the engine: they are asked for only when they are shown.
  const size = options.size ?? read?.has('Size') ?? false;
  const client = await context.connect();
  const containers = await client.call(routes.containerList, {
    query: {
      all: options.all,
      limit: options.latest && options.last === -1 ? 1 : options.last > 0 ? options.last : null,
      size,
      filters: options.filter,
    },
  });
  const template = templateFor(format, options.quiet, size);
  await streams.out.write(await formatList(columns, containers, template, streams.out));
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List containers',
  description:
    'Lists the running containers, with --all the others too. --format takes a Go template with the fields ID, ' +
    'Names, Image, Command, CreatedAt, RunningFor, Ports, State, Status, Size, Labels, Label "name", Mounts, ' +
    'LocalVolumes, Networks and Platform; "table" before it gives it headings, "json" prints everything.',
  examples: [
    { command: 'ps -a --filter status=exited', explanation: 'Containers that have ended' },
    {
      command: "ps --format 'table {{.Names}}\\t{{.Status}}'",
      explanation: 'A table of two columns',
    },
  ],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Show all containers, not only those that run' }),
    filter: filterFlag(),
    format: listFormatFlag,
    last: flag.integer({ short: 'n', summary: 'Show the last created containers, this many', default: -1 }),
    latest: flag.boolean({ short: 'l', summary: 'Show the container that was created last' }),
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
    size: flag.tristate({ short: 's', summary: 'Show how much containers have written' }),
  },
  run: async (options, _args, context) => {
    await list(options, context);
    return 0;
  },
});
