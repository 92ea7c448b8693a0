import { routes, swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { ask, askSecretly } from '../../terminal/prompt.ts';
import { defineCommand, noArguments } from '../command.ts';
import { withManager } from './manager.ts';

export default defineCommand({
  usage: '',
  summary: 'Unlock swarm',
  description:
    'Asks for the key of a locked manager; without a terminal it is the first line of standard input.',
  examples: [{ command: 'swarm unlock < key', explanation: 'Unlock it with a key that is in a file' }],
  arguments: noArguments,
  flags: {},
  run: (_options, _args, context) =>
    withManager(context, async (client) => {
      const { streams } = context;
      const { Swarm: membership } = await client.call(routes.info);
      if (membership?.LocalNodeState === 'inactive')
        throw new CommandError('Error: This node is not part of a swarm');
      if (membership?.LocalNodeState !== 'locked') throw new CommandError('Error: swarm is not locked');
      const question = 'Enter unlock key: ';
      const key = await (streams.in.isTerminal ? askSecretly(streams, question) : ask(streams, question));
      await client.call(swarmRoutes.swarmUnlock, { body: { UnlockKey: key } });
      return 0;
    }),
});
