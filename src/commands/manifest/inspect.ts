import { formatReference } from '@davit/api';
import { type KeptManifest, openManifestStore } from '../../config/manifests.ts';
import { CommandError } from '../../exit.ts';
import { between, defineCommand, flag } from '../command.ts';
import { writeList } from './document.ts';
import { imageNamed } from './names.ts';
import { lookUp, withRegistry } from './registry.ts';

export default defineCommand({
  usage: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
  summary: 'Display an image manifest, or manifest list',
  description:
    'Shows a manifest list that is not pushed yet, an image in one, or what a registry has under a name. ' +
    'No engine has a part in it.',
  examples: [
    { command: 'manifest inspect example.com/app:1', explanation: 'What a registry has' },
    {
      command: 'manifest inspect -v example.com/app:1',
      explanation: 'The same with the platform and the manifest of each image',
    },
  ],
  arguments: between(1, 2),
  flags: {
    insecure: flag.boolean({ summary: 'Speak with the registry without TLS, or with any certificate' }),
    verbose: flag.boolean({ short: 'v', summary: 'Show layers and platform too' }),
  },
  run: async ({ insecure, verbose }, names, context) => {
    const { out } = context.streams;
    const store = openManifestStore(context.config.directory);
    const image = imageNamed(names.at(-1) ?? '');
    const show = async (one: KeptManifest) => out.line(shownImage(one, verbose));
    const showAll = async (all: KeptManifest[]) => out.line(shownList(all, verbose));
    if (names.length === 2) {
      const kept = store.get(imageNamed(names[0] ?? ''), image);
      if (!kept) throw new CommandError(`No such manifest: ${formatReference(image)}`);
      await show(kept);
      return 0;
    }
    const local = store.list(image);
    if (local) await showAll(local);
    else
      await withRegistry(image, { insecure, pushing: false }, context, async (session) => {
        const found = await lookUp(session, image);
        if (found.kind === 'image') await show(found.image);
        else await showAll(await found.images());
      });
    return 0;
  },
});

/** As docker writes it: an image's manifest as it is, and with `verbose` all that is known of it. */
function shownImage(image: KeptManifest, verbose: boolean): string {
  const manifest = verbose ? image : JSON.parse(Buffer.from(image.Raw, 'base64').toString());
  return JSON.stringify(manifest, null, '\t');
}

function shownList(images: KeptManifest[], verbose: boolean): string {
  return verbose ? JSON.stringify(images, null, '\t') : writeList(images).content.toString();
}
