import { swarmRoutes } from '@davit/api';
import { atLeast, defineCommand, flag } from '../command.ts';
import { forEachName } from '../each.ts';
import { withManager } from '../swarm/manager.ts';

export default defineCommand({
  usage: '[OPTIONS] NODE [NODE...]',
  summary: 'Remove one or more nodes from the swarm',
  examples: [{ command: 'node rm --force box2', explanation: 'Forget a node that does not come back' }],
  arguments: atLeast(1),
  flags: { force: flag.boolean({ short: 'f', summary: 'Remove a node that is up too' }) },
  run: ({ force }, names, context) =>
    withManager(context, async (client) => {
      const remove = (id: string) => client.call(swarmRoutes.nodeRemove, { path: { id }, query: { force } });
      await forEachName(names, remove, { out: context.streams.out, oneByOne: true });
      return 0;
    }),
});
