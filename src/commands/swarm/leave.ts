import { swarmRoutes } from '@davit/api';
import { defineCommand, flag, noArguments } from '../command.ts';
import { withManager } from './manager.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Leave the swarm',
  examples: [{ command: 'swarm leave --force', explanation: 'Leave though it is the last manager' }],
  arguments: noArguments,
  flags: {
    force: flag.boolean({ short: 'f', summary: 'Leave as a manager too, whatever becomes of the Swarm' }),
  },
  run: ({ force }, _args, context) =>
    withManager(context, async (client) => {
      await client.call(swarmRoutes.swarmLeave, { query: { force } });
      await context.streams.out.line('Node left the swarm.');
      return 0;
    }),
});
