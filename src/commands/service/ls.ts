import { swarmRoutes } from '@davit/api';
import { defineCommand, noArguments } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { printServices, serviceFlags } from './services.ts';

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
  flags: serviceFlags,
  run: ({ filter, ...options }, _args, context) =>
    withManager(context, async (client) => {
      const services = await client.call(swarmRoutes.serviceList, {
        query: { filters: filter, status: true },
      });
      await printServices(services, options, context);
      return 0;
    }),
});
