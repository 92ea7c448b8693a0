import type { Reference } from '@davit/api';
import { type ImagePlatform, imagePlatform, openManifestStore } from '../../config/manifests.ts';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { splitFields } from '../csv.ts';
import { imageNamed } from './names.ts';

/** The systems and processors that images are known for, in Go's words. */
const known: Record<string, string> = {
  darwin: '386 amd64 arm arm64',
  dragonfly: 'amd64',
  freebsd: '386 amd64 arm',
  linux: '386 amd64 arm arm64 mips64 mips64le ppc64le riscv64 s390x',
  netbsd: '386 amd64 arm',
  openbsd: '386 amd64 arm',
  plan9: '386 amd64',
  solaris: 'amd64',
  windows: '386 amd64',
};

export default defineCommand({
  usage: '[OPTIONS] MANIFEST_LIST MANIFEST',
  summary: 'Add additional information to a local image manifest',
  description: 'Says of an image in a manifest list that is not pushed yet which platform it is for.',
  examples: [
    {
      command: 'manifest annotate example.com/app:1 example.com/app:1-arm --arch arm --variant v7',
      explanation: 'An image for 32-bit ARM',
    },
  ],
  arguments: exactly(2),
  flags: {
    arch: flag.string({ summary: 'Processor architecture', default: '' }),
    os: flag.string({ summary: 'Operating system', default: '' }),
    osFeatures: flag.custom({
      ...{ type: 'strings', summary: 'Features of the operating system', default: [] as string[] },
      parse: (text, previous) => [...previous, ...splitFields(text)],
    }),
    osVersion: flag.string({ summary: 'Version of the operating system', default: '' }),
    variant: flag.string({ summary: 'Variant of the architecture', default: '' }),
  },
  run: async ({ arch, os, osFeatures, osVersion, variant }, [listName = '', imageName = ''], context) => {
    const list = named(listName, 'manifest list ');
    const image = named(imageName, 'manifest ');
    const store = openManifestStore(context.config.directory);
    const kept = store.get(list, image);
    if (!kept) throw new CommandError(`manifest for image ${imageName} does not exist in ${listName}`);
    const before: ImagePlatform = kept.Descriptor.platform ?? { architecture: '', os: '' };
    const features = [...new Set([...(before['os.features'] ?? []), ...osFeatures])];
    const version = osVersion || before['os.version'];
    const platform = imagePlatform({
      ...{ architecture: arch || before.architecture, os: os || before.os },
      ...{ version, features, variant: variant || before.variant },
    });
    if (!known[platform.os]?.split(' ').includes(platform.architecture))
      throw new CommandError(`manifest entry for image has unsupported os/arch combination: ${os}/${arch}`);
    const { mediaType, digest, size } = kept.Descriptor;
    store.put(list, image, { ...kept, Descriptor: { mediaType, digest, size, platform } });
    return 0;
  },
});

function named(text: string, what: string): Reference {
  try {
    return imageNamed(text);
  } catch (error) {
    throw new CommandError(`annotate: error parsing name for ${what}${text}: ${(error as Error).message}`);
  }
}
