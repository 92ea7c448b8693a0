import { type Filters, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { formatList } from '../../format/list.ts';
import { networkList } from '../../format/lists/network.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';

const defaultTable = 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}';
const rawFormat = 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n';

interface Options {
  filter: Filters;
  format: string;
  noTrunc: boolean;
  quiet: boolean;
}

/** The template behind a `--format`, where `table` and `raw` alone stand for docker's own. */
function templateFor(format: string, quiet: boolean): string {
  if (format === '' || format === 'table') return quiet ? '{{.ID}}' : defaultTable;
  if (format === 'raw') return quiet ? 'network_id: {{.ID}}' : rawFormat;
  return format;
}

async function list(options: Options, context: CommandContext): Promise<void> {
  const { streams } = context;
  const client = await context.connect();
  const networks = await client.call(routes.networkList, { query: { filters: options.filter } });
  const sorted = networks.sort((a, b) => compareNaturally(a.Name, b.Name));
  const format = options.format || (options.quiet ? '' : context.config.format('networksFormat'));
  const template = templateFor(format, options.quiet);
  await streams.out.write(
    await formatList(networkList({ whole: options.noTrunc }), sorted, template, streams.out),
  );
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List networks',
  description:
    'Lists the networks of the engine. --format takes a Go template with the fields ID, Name, Driver, Scope, ' +
    'IPv4, IPv6, Internal, Labels and CreatedAt.',
  examples: [
    { command: 'network ls --filter type=custom', explanation: 'Networks that someone created' },
    { command: "network ls --format '{{.Name}}'", explanation: 'Names alone, for a script' },
  ],
  arguments: noArguments,
  flags: {
    filter: filterFlag({
      summary: 'Show only what fits a condition, such as driver=bridge (any number of times)',
    }),
    format: flag.string({
      summary: 'Print in this way: table, table TEMPLATE, json, yaml, or TEMPLATE',
      default: '',
    }),
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: async (options, _args, context) => {
    await list(options, context);
    return 0;
  },
});
