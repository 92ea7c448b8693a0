import { swarmRoutes } from '@davit/api';
import { UsageError } from '../../exit.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { withManager } from './manager.ts';
import { anyGiven, swarmFlags, withSettings } from './options.ts';
import { unlockKey, unlockText } from './texts.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Update the swarm',
  examples: [{ command: 'swarm update --task-history-limit 2', explanation: 'Remember fewer ended tasks' }],
  arguments: noArguments,
  flags: {
    autolock: flag.tristate({ summary: 'Ask for a key when a manager starts again' }),
    ...swarmFlags,
  },
  run: ({ autolock, ...options }, _args, context) =>
    withManager(context, async (client) => {
      const { program, streams } = context;
      if (autolock === undefined && !anyGiven(options))
        throw new UsageError('flag', 'no setting of the Swarm is given that would be changed');
      const { Spec, Version } = await client.call(swarmRoutes.swarmInspect);
      const wasLocked = Spec.EncryptionConfig?.AutoLockManagers ?? false;
      const body = withSettings(
        autolock === undefined ? Spec : { ...Spec, EncryptionConfig: { AutoLockManagers: autolock } },
        options,
      );
      await client.call(swarmRoutes.swarmUpdate, { query: { version: Version.Index }, body });
      await streams.out.line('Swarm updated.');
      if (autolock && !wasLocked) await streams.out.write(unlockText(program, await unlockKey(client)));
      return 0;
    }),
});
