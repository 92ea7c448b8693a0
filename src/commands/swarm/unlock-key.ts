import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { withManager } from './manager.ts';
import { unlockKey, unlockText } from './texts.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Manage the unlock key',
  examples: [{ command: 'swarm unlock-key -q', explanation: 'The key alone, to be kept in a safe place' }],
  arguments: noArguments,
  flags: {
    quiet: flag.boolean({ short: 'q', summary: 'Print the key only' }),
    rotate: flag.boolean({ summary: 'Make a new key' }),
  },
  run: ({ quiet, rotate }, _args, context) =>
    withManager(context, async (client) => {
      const { program, streams } = context;
      if (rotate) {
        const { Spec, Version } = await client.call(swarmRoutes.swarmInspect);
        if (!Spec.EncryptionConfig?.AutoLockManagers)
          throw new CommandError('cannot rotate because autolock is not turned on');
        const query = { version: Version.Index, rotateManagerUnlockKey: true };
        await client.call(swarmRoutes.swarmUpdate, { query, body: Spec });
        if (!quiet) await streams.out.write('Successfully rotated manager unlock key.\n\n');
      }
      const key = await unlockKey(client);
      await streams.out.write(quiet ? `${key}\n` : unlockText(program, key));
      return 0;
    }),
});
