import { parseReference, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { between, defineCommand, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { splitImageName } from '../image-name.ts';

/** The name for an image as the engine takes it. Throws CommandError with the words of docker's client. */
function readName(text: string): { repository: string; tag: string } {
  if (text === '') return { repository: '', tag: '' };
  parseReference(text);
  const name = splitImageName(text);
  if (name.digest !== '') throw new CommandError('refusing to create a tag with a digest reference');
  return { repository: name.repository, tag: name.tag || 'latest' };
}

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: "Create a new image from a container's changes",
  description:
    'Makes an image of what the container has written on top of its own image. What is in volumes is not part of ' +
    'it. A running container stands still meanwhile, unless --pause=false.',
  examples: [
    { command: 'commit web web:fixed', explanation: 'An image with a name' },
    {
      command: 'commit -c \'CMD ["sh"]\' -m "with tools" box tools',
      explanation: 'Run something else in it',
    },
  ],
  arguments: between(1, 2),
  flags: {
    author: flag.string({
      short: 'a',
      summary: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")',
      default: '',
    }),
    change: flag.list({
      short: 'c',
      summary: 'Dockerfile instruction to apply to the image',
      value: 'INSTRUCTION',
    }),
    message: flag.string({ short: 'm', summary: 'Commit message', default: '' }),
    pause: flag.boolean({ short: 'p', summary: 'Pause container during commit', default: true }),
  },
  run: async ({ author, change, message, pause }, [name = '', reference = ''], context) => {
    const container = containerPath(name).name;
    const { repository, tag } = readName(reference);
    const client = await context.connect();
    const { Id } = await client.call(routes.containerCommit, {
      query: { container, repo: repository, tag, comment: message, author, pause, changes: change },
    });
    await context.streams.out.line(Id);
    return 0;
  },
});
