import { type Filters, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { formatList } from '../../format/list.ts';
import { networkList } from '../../format/lists/network.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const table = 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}';
const raw = {
  whole: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
  quiet: 'network_id: {{.ID}}',
};

interface Options {
  filter: Filters;
  format: string;
  noTrunc: boolean;
  quiet: boolean;
}

async function list(options: Options, context: CommandContext): Promise<void> {
  const { streams } = context;
  const client = await context.connect();
  const networks = await client.call(routes.networkList, { query: { filters: options.filter } });
  const sorted = networks.sort((a, b) => compareNaturally(a.Name, b.Name));
  const template = listTemplate(options, { table, raw, configured: context.config.format('networksFormat') });
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
    format: listFormatFlag,
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: async (options, _args, context) => {
    await list(options, context);
    return 0;
  },
});
