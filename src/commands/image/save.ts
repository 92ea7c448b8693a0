import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { writeArchive } from '../archive-file.ts';
import { atLeast, defineCommand, flag } from '../command.ts';

export default defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  description:
    'Writes images with their names into one archive, which load reads; layers that they share are in it once. The ' +
    'archive is an OCI image layout too.',
  examples: [
    { command: 'save -o app.tar app:1', explanation: 'Into a file' },
    { command: 'save app:1 db:1 | zstd > images.tar.zst', explanation: 'Two images, packed' },
  ],
  arguments: atLeast(1),
  flags: {
    output: flag.string({
      short: 'o',
      summary: 'Write to this file and not to standard output',
      value: 'FILE',
      default: '',
    }),
    platform: flag.string({ summary: 'Save the image for this platform only', since: '1.48', default: '' }),
  },
  run: async ({ output, platform }, names, context) => {
    const { streams } = context;
    if (output === '' && streams.out.isTerminal) {
      throw new CommandError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    }
    const client = await context.connect();
    const open = async () => {
      const [name = '', ...others] = names;
      const answer =
        others.length === 0
          ? await client.call(routes.imageSave, {
              path: { name },
              query: { platform },
              signal: context.signal,
            })
          : await client.call(routes.imageSaveMany, { query: { names, platform }, signal: context.signal });
      return answer.stream;
    };
    if (output !== '') await writeArchive(output, open);
    else
      for await (const chunk of (await open()) as AsyncIterable<Uint8Array>) await streams.out.write(chunk);
    return 0;
  },
});
