import { swarmRoutes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { serviceList } from '../../format/lists/service.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
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
    format: flag.string({
      summary: 'Print in this way: table, table TEMPLATE, json, yaml, or TEMPLATE',
      default: '',
    }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: ({ filter, format, quiet }, _args, context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      const services = await client.call(swarmRoutes.serviceList, {
        query: { filters: filter, status: true },
      });
      services.sort((one, other) => compareNaturally(one.Spec.Name, other.Spec.Name));
      const given = format || (quiet ? '' : context.config.format('servicesFormat'));
      const template = given === '' || given === 'table' ? (quiet ? '{{.ID}}' : table) : given;
      await out.write(await formatList(serviceList, services, template, out));
      return 0;
    }),
});
