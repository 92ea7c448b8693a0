import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly } from '../command.ts';

const letters = ['C', 'A', 'D'];

export default defineCommand({
  usage: 'CONTAINER',
  summary: "Inspect changes to files or directories on a container's filesystem",
  description:
    'Lists what differs from the image: A for what was added, C for what was changed, D for what was deleted.',
  examples: [
    { command: 'diff web', explanation: 'What the container has written' },
    { command: 'diff web | grep ^A', explanation: 'Only what is new' },
  ],
  arguments: exactly(1),
  flags: {},
  run: async (_options, [name = ''], context) => {
    if (name === '') throw new CommandError('Container name cannot be empty');
    const client = await context.connect();
    const changes = await client.call(routes.containerChanges, { path: { name } });
    const lines = (changes ?? []).map(({ Path, Kind }) => `${letters[Kind] ?? '?'} ${Path}\n`);
    await context.streams.out.write(lines.join(''));
    return 0;
  },
});
