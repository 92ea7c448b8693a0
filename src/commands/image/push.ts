import { parseReference, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { showProgress } from '../../format/progress.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { fullImageName, splitImageName } from '../image-name.ts';
import { registryAuth } from '../registry-auth.ts';

export default defineCommand({
  usage: '[OPTIONS] NAME[:TAG]',
  summary: 'Upload an image to a registry',
  description:
    'Uploads an image to the registry that its name speaks of. Layers that the registry has already are not sent; ' +
    'an image that was pulled keeps its digest.',
  examples: [
    { command: 'push registry.example.com/team/app:1', explanation: 'One image' },
    { command: 'push -a registry.example.com/team/app', explanation: 'All tags of a repository' },
  ],
  arguments: exactly(1),
  flags: {
    allTags: flag.boolean({ short: 'a', summary: 'Upload all tags of the repository' }),
    disableContentTrust: flag.boolean({ summary: 'Skip image signing', default: true, hidden: true }),
    platform: flag.string({ summary: 'Upload only what is for this platform', since: '1.46', default: '' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print the name alone' }),
  },
  run: async ({ allTags, platform, quiet }, [text = ''], context) => {
    const { out } = context.streams;
    parseReference(text);
    const name = splitImageName(text);
    if (name.digest !== '') throw new CommandError('cannot push a digest reference');
    if (allTags && name.tag !== '') throw new CommandError("tag can't be used with --all-tags/-a");
    if (!allTags && name.tag === '') {
      name.tag = 'latest';
      if (!quiet) await out.line('Using default tag: latest');
    }
    const [client, headers] = await Promise.all([context.connect(), registryAuth(text, context)]);
    const messages = await client.call(routes.imagePush, {
      path: { name: name.repository },
      query: { tag: name.tag, platform },
      ...{ headers, signal: context.signal },
    });
    await showProgress(messages, { output: quiet ? undefined : out });
    if (quiet) await out.line(fullImageName(name));
    return 0;
  },
});
