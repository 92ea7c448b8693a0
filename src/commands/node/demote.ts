import { atLeast, defineCommand } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { updateNodes } from './update-nodes.ts';

export default defineCommand({
  usage: 'NODE [NODE...]',
  summary: 'Demote one or more nodes from manager in the swarm',
  examples: [{ command: 'node demote box2', explanation: 'Make it a worker' }],
  arguments: atLeast(1),
  flags: {},
  run: (_options, names, context) =>
    withManager(context, async (client) => {
      await updateNodes(
        client,
        names,
        context,
        (spec) => (spec.Role === 'worker' ? null : { ...spec, Role: 'worker' }),
        {
          done: (name) => `Manager ${name} demoted in the swarm.`,
          already: (id) => `Node ${id} is already a worker.`,
        },
      );
      return 0;
    }),
});
