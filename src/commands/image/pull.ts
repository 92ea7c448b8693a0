import { parseReference } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { fullImageName, splitImageName } from '../image-name.ts';
import { pullFromRegistry } from './pull-image.ts';

export default defineCommand({
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Download an image from a registry',
  description:
    'Downloads an image and gives it its name. Layers that are here already are not fetched again. Names without ' +
    "a registry are looked up in docker's hub.",
  examples: [
    { command: 'pull debian:12', explanation: 'An image from the hub' },
    { command: 'pull -a registry.example.com/team/app', explanation: 'All tags of a repository' },
    { command: 'pull --platform linux/arm64 alpine', explanation: 'For another kind of machine' },
  ],
  arguments: exactly(1),
  flags: {
    allTags: flag.boolean({ short: 'a', summary: 'Download all tags of the repository' }),
    disableContentTrust: flag.boolean({ summary: 'Skip image verification', default: true, hidden: true }),
    platform: flag.string({ summary: 'Platform of the image, as linux/arm64', since: '1.32', default: '' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print the name alone' }),
  },
  run: async ({ allTags, platform, quiet }, [text = ''], context) => {
    const { out } = context.streams;
    parseReference(text);
    const name = splitImageName(text);
    const isBare = name.tag === '' && name.digest === '';
    if (allTags && !isBare) throw new CommandError("tag can't be used with --all-tags/-a");
    if (isBare && !allTags) {
      name.tag = 'latest';
      if (!quiet) await out.line('Using default tag: latest');
    }
    await pullFromRegistry({ name, platform, output: quiet ? undefined : out }, context);
    await out.line(fullImageName(name));
    return 0;
  },
});
