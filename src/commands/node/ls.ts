import { routes, swarmRoutes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { nodeList } from '../../format/lists/node.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';

const table =
  'table {{.ID}} {{if .Self}}*{{else}} {{ end }}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List nodes in the swarm',
  description:
    'Lists the nodes of the Swarm; a star is beside the one that was asked. --format takes a Go template with the ' +
    'fields ID, Self, Hostname, Status, Availability, ManagerStatus, TLSStatus and EngineVersion.',
  examples: [{ command: 'node ls --filter role=manager', explanation: 'The managers' }],
  arguments: noArguments,
  flags: {
    filter: filterFlag(),
    format: listFormatFlag,
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: ({ filter, format, quiet }, _args, context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      const [nodes, info] = await Promise.all([
        client.call(swarmRoutes.nodeList, { query: { filters: filter } }),
        client.call(routes.info),
      ]);
      const template = listTemplate(
        { format, quiet },
        { table, configured: context.config.format('nodesFormat') },
      );
      const trustRoot =
        (info.Swarm as { Cluster?: { TLSInfo?: { TrustRoot?: string } } }).Cluster?.TLSInfo?.TrustRoot ?? '';
      const rows = nodes
        .sort((one, other) =>
          compareNaturally(one.Description.Hostname ?? '', other.Description.Hostname ?? ''),
        )
        .map((node) => ({ node, isSelf: node.ID === info.Swarm?.NodeID, trustRoot }));
      await out.write(await formatList(nodeList, rows, template, out));
      return 0;
    }),
});
