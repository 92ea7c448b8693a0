import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { withManager } from './manager.ts';
import { joinText } from './texts.ts';

export default defineCommand({
  usage: '[OPTIONS] (worker|manager)',
  summary: 'Manage join tokens',
  description: 'Prints the command line by which another machine joins the Swarm in this role.',
  examples: [{ command: 'swarm join-token -q worker', explanation: 'The token alone, for a script' }],
  arguments: exactly(1),
  flags: {
    quiet: flag.boolean({ short: 'q', summary: 'Print the token only' }),
    rotate: flag.boolean({ summary: 'Make a new token, after which the old one lets nobody in' }),
  },
  run: ({ quiet, rotate }, [role = ''], context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      if (role !== 'worker' && role !== 'manager') throw new CommandError(`unknown role ${role}`);
      if (rotate) {
        const { Spec, Version } = await client.call(swarmRoutes.swarmInspect);
        const query = {
          version: Version.Index,
          rotateWorkerToken: role === 'worker',
          rotateManagerToken: role === 'manager',
        };
        await client.call(swarmRoutes.swarmUpdate, { query, body: Spec });
        if (!quiet) await out.write(`Successfully rotated ${role} join token.\n\n`);
      }
      if (quiet) {
        const { JoinTokens } = await client.call(swarmRoutes.swarmInspect);
        await out.line(role === 'worker' ? JoinTokens.Worker : JoinTokens.Manager);
      } else {
        await out.write(
          await joinText(client, context, { worker: role === 'worker', manager: role === 'manager' }),
        );
      }
      return 0;
    }),
});
