import { parseReference, routes } from '@davit/api';
import { showProgress } from '../../format/progress.ts';
import { openArchive } from '../archive.ts';
import { atLeast, defineCommand, flag } from '../command.ts';

export default defineCommand({
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  description:
    'Makes an image of one layer from an archive of files: one on this machine, one that the engine fetches from ' +
    'a URL, or standard input. Archives may be compressed.',
  examples: [
    { command: 'import root.tar.gz base:1', explanation: 'An image from a file' },
    {
      command: 'import --change \'CMD ["sh"]\' - base:1 < root.tar',
      explanation: 'With a command, from standard input',
    },
  ],
  arguments: atLeast(1),
  flags: {
    change: flag.list({
      short: 'c',
      summary: 'Dockerfile instruction to apply to the image',
      value: 'INSTRUCTION',
    }),
    message: flag.string({ short: 'm', summary: 'Note for the history of the image', default: '' }),
    platform: flag.string({ summary: 'Platform of the image, as linux/arm64', since: '1.32', default: '' }),
  },
  run: async ({ change, message, platform }, [source = '', name = ''], context) => {
    const { streams } = context;
    const isUrl = /^https?:\/\//.test(source);
    const archive = isUrl ? undefined : source === '-' ? streams.in.stream : await openArchive(source);
    if (name !== '') parseReference(name);
    const client = await context.connect();
    const messages = await client.call(routes.imageCreate, {
      query: { fromSrc: isUrl ? source : '-', repo: name, message, changes: change, platform },
      input: archive,
    });
    await showProgress(messages, { output: streams.out });
    return 0;
  },
});
