import { parseReference, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly } from '../command.ts';
import { checkImage, splitImageName } from '../image-name.ts';

export default defineCommand({
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  description: 'Gives an image another name. A name that another image has is taken away from that.',
  examples: [
    { command: 'tag app registry.example.com/team/app:1', explanation: 'A name to push it by' },
    { command: 'tag app:latest app:1.4', explanation: 'Keep what latest is now by a number' },
  ],
  arguments: exactly(2),
  flags: {},
  run: async (_options, [source = '', target = ''], context) => {
    check(source, checkImage);
    check(target, parseReference);
    const { repository: repo, tag, digest } = splitImageName(target);
    if (digest !== '') throw new CommandError('refusing to create a tag with a digest reference');
    const client = await context.connect();
    await client.call(routes.imageTag, { path: { name: source }, query: { repo, tag: tag || 'latest' } });
    return 0;
  },
});

/** Marks what a check of a name says as docker marks it. Throws CommandError. */
function check(text: string, rule: (text: string) => unknown): void {
  try {
    rule(text);
  } catch (error) {
    const what = `Error parsing reference: "${text}" is not a valid repository/tag`;
    throw new CommandError(`${what}: ${(error as Error).message}`, 1, { cause: error });
  }
}
