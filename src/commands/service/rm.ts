import { swarmRoutes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { forEachName } from '../each.ts';
import { withManager } from '../swarm/manager.ts';

export default defineCommand({
  usage: 'SERVICE [SERVICE...]',
  summary: 'Remove one or more services',
  examples: [{ command: 'service rm web', explanation: 'End all of its tasks' }],
  arguments: atLeast(1),
  flags: {},
  run: (_options, names, context) =>
    withManager(context, async (client) => {
      const remove = (id: string) => client.call(swarmRoutes.serviceRemove, { path: { id } });
      await forEachName(names, remove, { out: context.streams.out, oneByOne: true });
      return 0;
    }),
});
