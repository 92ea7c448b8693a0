import { swarmRoutes } from '@davit/api';
import { defineCommand, exactly } from '../command.ts';
import { printServices, serviceFlags } from '../service/services.ts';
import { withManager } from '../swarm/manager.ts';
import { checkStackName, ofStack } from './convert/stack.ts';

export default defineCommand({
  usage: '[OPTIONS] STACK',
  summary: 'List the services in the stack',
  examples: [{ command: 'stack services shop', explanation: 'How many tasks of each run' }],
  arguments: exactly(1),
  flags: serviceFlags,
  run: async ({ filter, format, quiet }, [name = ''], context) => {
    checkStackName(name);
    return withManager(context, async (client) => {
      const filters = ofStack(name, filter);
      const services = await client.call(swarmRoutes.serviceList, { query: { filters, status: true } });
      if (services.length === 0) await context.streams.err.line(`Nothing found in stack: ${name}`);
      else await printServices(services, { format, quiet }, context);
      return 0;
    });
  },
});
