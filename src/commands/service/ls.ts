import { swarmRoutes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { serviceList } from '../../format/lists/service.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';

const table = 'table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List services',
  description:
    'Lists the services of the Swarm. --format takes a Go template with the fields ID, Name, Mode, Replicas, Image ' +
    'and Ports.',
  examples: [
    { command: "service ls --format '{{.Name}} {{.Replicas}}'", explanation: 'How many tasks each has' },
  ],
  arguments: noArguments,
  flags: {
    filter: filterFlag(),
    format: listFormatFlag,
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: ({ filter, format, quiet }, _args, context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      const services = await client.call(swarmRoutes.serviceList, {
        query: { filters: filter, status: true },
      });
      services.sort((one, other) => compareNaturally(one.Spec.Name, other.Spec.Name));
      const template = listTemplate(
        { format, quiet },
        { table, configured: context.config.format('servicesFormat') },
      );
      await out.write(await formatList(serviceList, services, template, out));
      return 0;
    }),
});
