import { formatReference, parseReference, type Reference } from '@davit/api';
import { digestOf, hasBlob, pushBlob, type Session, storeManifest } from '@davit/engine/registry';
import { type KeptManifest, openManifestStore } from '../../config/manifests.ts';
import { CommandError } from '../../exit.ts';
import type { Output } from '../../terminal/streams.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { isIndex, readDocument, writeList } from './document.ts';
import { imageNamed } from './names.ts';
import { withRegistry } from './registry.ts';

export default defineCommand({
  usage: '[OPTIONS] MANIFEST_LIST',
  summary: 'Push a manifest list to a repository',
  description:
    'Sends a manifest list to its registry. Images of it that are in other repositories there are mounted into ' +
    'that of the list: nothing is downloaded.',
  examples: [
    { command: 'manifest push -p example.com/app:1', explanation: 'Push a list, and forget it here' },
  ],
  arguments: exactly(1),
  flags: {
    insecure: flag.boolean({ summary: 'Speak with the registry without TLS, or with any certificate' }),
    purge: flag.boolean({ short: 'p', summary: 'Remove the list from this machine afterwards' }),
  },
  run: async ({ insecure, purge }, [name = ''], context) => {
    const { out } = context.streams;
    const list = imageNamed(name);
    const store = openManifestStore(context.config.directory);
    const images = store.list(list);
    if (images === null) throw new CommandError(`No such manifest: ${formatReference(list)}`);
    if (images.length === 0) throw new CommandError(`${formatReference(list)} not found`);
    for (const image of images) checkImage(image, list);
    const { mediaType, content } = writeList(images);
    const digest = digestOf(content);
    await withRegistry(list, { insecure, pushing: true }, context, async (session) => {
      for (const image of images) await bring(session, image, list, out);
      await storeManifest(session, list.path, list.tag || digest, { mediaType, content, digest });
    });
    await out.line(digest);
    if (purge) store.remove(list);
    return 0;
  },
});

/** Throws in docker's words when an image cannot be in a list of this name. */
function checkImage({ Ref, Descriptor: { platform } }: KeptManifest, list: Reference): void {
  const { domain } = parseReference(Ref);
  if (domain !== list.domain)
    throw new CommandError(
      `cannot use source images from a different registry than the target image: ${domain} != ${list.domain}`,
    );
  if (!platform?.architecture || !platform.os)
    throw new CommandError(`manifest ${Ref} must have an OS and Architecture to be pushed to a registry`);
}

/** Brings an image of another repository into that of the list. */
async function bring(session: Session, image: KeptManifest, list: Reference, out: Output): Promise<void> {
  const from = parseReference(image.Ref);
  if (from.path === list.path) return;
  const { mediaType, digest } = image.Descriptor;
  const content = Buffer.from(image.Raw, 'base64');
  const document = readDocument({ mediaType, digest, content });
  if (isIndex(document)) throw new CommandError(`${image.Ref} is a manifest list`);
  for (const { digest, size } of [document.config, ...document.layers]) {
    if (await hasBlob(session, list.path, digest)) continue;
    const { how } = await pushBlob(session, list.path, { digest, size, open: null }, [from.path]);
    if (how === 'missing')
      throw new CommandError(`the registry cannot mount blob ${digest} from ${from.path} to ${list.path}`);
  }
  await storeManifest(session, list.path, digest, { mediaType, digest, content });
  const name = formatReference({ ...list, tag: '', digest });
  await out.line(`Pushed ref ${name} with digest: ${digest}`);
}
