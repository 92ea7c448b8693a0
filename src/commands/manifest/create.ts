import { formatReference, type Reference } from '@davit/api';
import { type KeptManifest, openManifestStore } from '../../config/manifests.ts';
import { CommandError } from '../../exit.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { imageNamed } from './names.ts';
import { lookUp, withRegistry } from './registry.ts';

export default defineCommand({
  usage: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
  summary: 'Create a local manifest list for annotating and pushing to a registry',
  description:
    'Makes a list of images that are in a registry, mostly the same one for several platforms. The list is kept on ' +
    'this machine, in the configuration directory, until it is pushed.',
  examples: [
    {
      command: 'manifest create example.com/app:1 example.com/app:1-amd64 example.com/app:1-arm64',
      explanation: 'One name for two platforms',
    },
  ],
  arguments: atLeast(2),
  flags: {
    amend: flag.boolean({ short: 'a', summary: 'Add to a list that is there already' }),
    insecure: flag.boolean({ summary: 'Speak with the registry without TLS, or with any certificate' }),
  },
  run: async ({ amend, insecure }, [listName = '', ...names], context) => {
    const list = listNamed(listName);
    const images = names.map(imageNamed);
    const store = openManifestStore(context.config.directory);
    if (store.list(list) !== null && !amend)
      throw new CommandError('refusing to amend an existing manifest list with no --amend flag');
    const found: [Reference, KeptManifest][] = [];
    for (const image of images) {
      const kept =
        store.get(list, image) ??
        (await withRegistry(image, { insecure, pushing: false }, context, async (session) => {
          const one = await lookUp(session, image);
          if (one.kind === 'image') return one.image;
          throw new CommandError(`${formatReference(image)} is a manifest list`);
        }));
      found.push([image, kept]);
    }
    for (const [image, kept] of found) store.put(list, image, kept);
    await context.streams.out.line(`Created manifest list ${formatReference(list)}`);
    return 0;
  },
});

function listNamed(text: string): Reference {
  try {
    return imageNamed(text);
  } catch (error) {
    throw new CommandError(`error parsing name for manifest list ${text}: ${(error as Error).message}`);
  }
}
