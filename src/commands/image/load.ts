import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { showProgress } from '../../format/progress.ts';
import { openArchive } from '../archive.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { platformJson } from '../platform.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  description: 'Loads the images of an archive that save has written, compressed or not, and of OCI layouts.',
  examples: [
    { command: 'load -i images.tar.gz', explanation: 'Load the images in a file' },
    { command: 'load < images.tar', explanation: 'Load them from standard input' },
  ],
  arguments: noArguments,
  flags: {
    input: flag.string({ short: 'i', summary: 'Read this file and not standard input', value: 'FILE' }),
    platform: flag.string({ summary: 'Load the images for this platform only', since: '1.48', default: '' }),
    quiet: flag.boolean({ short: 'q', summary: 'Do not show how it goes on' }),
  },
  run: async ({ input, platform, quiet }, _args, context) => {
    const { streams } = context;
    if (!input && streams.in.isTerminal) {
      throw new CommandError('requested load from stdin, but stdin is empty');
    }
    const archive = input ? await openArchive(input) : streams.in.stream;
    const client = await context.connect();
    const messages = await client.call(routes.imageLoad, {
      query: { quiet: quiet || !streams.out.isTerminal, platform: platform && platformJson(platform) },
      input: archive,
    });
    await showProgress(messages, { output: streams.out });
    return 0;
  },
});
