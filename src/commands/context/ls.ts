import type { CommandContext } from '../../context.ts';
import { formatList } from '../../format/list.ts';
import { type ContextRow, contextList } from '../../format/lists/context.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { defaultDescription, storeOf } from './source.ts';

const table = 'table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}';

/** All contexts and, where it is not one of them, the one in use with what is wrong with it. */
function contextRows(context: CommandContext): ContextRow[] {
  const current = context.contextName;
  const store = storeOf(context);
  const rows = store.list().map(({ Name, Metadata, Endpoints }) => ({
    name: Name,
    current: Name === current,
    description: Metadata.Description ?? '',
    host: Endpoints.docker?.Host ?? '',
    error: Endpoints.docker ? '' : 'cannot find docker endpoint in context',
  }));
  rows.push({
    name: 'default',
    current: current === 'default',
    description: defaultDescription,
    host: context.defaultEndpoint.host,
    error: '',
  });
  if (!rows.some((row) => row.current)) {
    rows.push({
      name: current,
      current: true,
      description: '',
      host: '',
      error: whyMissing(context, current),
    });
  }
  return rows.sort((first, second) => compareNaturally(first.name, second.name));
}

function whyMissing(context: CommandContext, name: string): string {
  try {
    storeOf(context).read(name);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List contexts',
  description:
    'Lists the engines that have a name; a star is beside the one in use. --format takes a Go template with the ' +
    'fields Name, Current, Description, DockerEndpoint and Error.',
  examples: [{ command: 'context ls -q', explanation: 'Names alone' }],
  arguments: noArguments,
  flags: {
    format: listFormatFlag,
    quiet: flag.boolean({ short: 'q', summary: 'Print names only' }),
  },
  run: async ({ format, quiet }, _args, context) => {
    const { out, err } = context.streams;
    const template = listTemplate({ format, quiet }, { table, quiet: '{{.Name}}' });
    await out.write(await formatList(contextList, contextRows(context), template, out));
    if (context.environment.DOCKER_HOST) {
      await err.line(
        'Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set ' +
          'the global --context flag, or unset DOCKER_HOST environment variable.',
      );
    }
    return 0;
  },
});
