import { ApiError, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { platformJson } from '../platform.ts';

async function remove(
  names: string[],
  query: { force: boolean; noprune: boolean; platforms: string[] },
  { streams, connect }: CommandContext,
): Promise<void> {
  const client = await connect();
  const problems: string[] = [];
  let isFatal = false;
  for (const name of names) {
    try {
      const items = await client.call(routes.imageRemove, { path: { name }, query });
      for (const { Untagged, Deleted } of items) {
        await streams.out.line(Deleted ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`);
      }
    } catch (error) {
      // What is missing is no failure when it was to be removed by force.
      if (!(error instanceof ApiError && error.status === 404)) isFatal = true;
      problems.push(describeError(error));
    }
  }
  if (problems.length === 0) return;
  if (isFatal || !query.force) throw new CommandError(problems.join('\n'));
  await streams.err.line(problems.join('\n'));
}

export default defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  description:
    'Takes names away from images; an image goes when its last name does, unless a container needs it. Steps ' +
    'that no other image needs go with it.',
  examples: [
    { command: 'rmi web:old', explanation: 'Take one name away' },
    { command: 'rmi $(davit images -q --filter dangling=true)', explanation: 'Remove all without a name' },
  ],
  arguments: atLeast(1),
  flags: {
    force: flag.boolean({
      short: 'f',
      summary: 'Remove it even when stopped containers or other names need it',
    }),
    noPrune: flag.boolean({ summary: 'Keep the steps below it that have no name' }),
    platform: flag.list({ summary: 'Remove only what is for this platform, as linux/arm64', since: '1.50' }),
  },
  run: async ({ force, noPrune, platform }, names, context) => {
    const platforms = platform.flatMap((one) => one.split(',')).map(platformJson);
    await remove(names, { force, noprune: noPrune, platforms }, context);
    return 0;
  },
});
