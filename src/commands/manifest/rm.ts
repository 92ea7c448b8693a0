import { formatReference } from '@davit/api';
import { openManifestStore } from '../../config/manifests.ts';
import { CommandError, describeError } from '../../exit.ts';
import { atLeast, defineCommand } from '../command.ts';
import { imageNamed } from './names.ts';

export default defineCommand({
  usage: 'MANIFEST_LIST [MANIFEST_LIST...]',
  summary: 'Delete one or more manifest lists from local storage',
  description: 'Forgets manifest lists of this machine. What a registry has of them stays there.',
  examples: [{ command: 'manifest rm example.com/app:1', explanation: 'Forget a list' }],
  arguments: atLeast(1),
  flags: {},
  run: async (_options, names, context) => {
    const store = openManifestStore(context.config.directory);
    const problems = names.flatMap((name) => {
      try {
        const list = imageNamed(name);
        if (store.list(list) === null) return [`No such manifest: ${formatReference(list)}`];
        store.remove(list);
        return [];
      } catch (error) {
        return [describeError(error)];
      }
    });
    if (problems.length > 0) throw new CommandError(problems.join('\n'));
    return 0;
  },
});
