import { atLeast, defineCommand } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { updateNodes } from './update-nodes.ts';

export default defineCommand({
  usage: 'NODE [NODE...]',
  summary: 'Promote one or more nodes to manager in the swarm',
  examples: [{ command: 'node promote box2', explanation: 'Make it a manager' }],
  arguments: atLeast(1),
  flags: {},
  run: (_options, names, context) =>
    withManager(context, async (client) => {
      await updateNodes(
        client,
        names,
        context,
        (spec) => (spec.Role === 'manager' ? null : { ...spec, Role: 'manager' }),
        {
          done: (name) => `Node ${name} promoted to a manager in the swarm.`,
          already: (id) => `Node ${id} is already a manager.`,
        },
      );
      return 0;
    }),
});
