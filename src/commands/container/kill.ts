import { routes } from '@davit/api';
import { atLeast, defineCommand, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Kill one or more running containers',
  description: 'Sends SIGKILL, or the signal that is given, to the main process of the containers.',
  examples: [
    { command: 'kill web', explanation: 'End it at once' },
    { command: 'kill --signal HUP web', explanation: 'Tell it to read its settings again' },
  ],
  arguments: atLeast(1),
  flags: {
    signal: flag.string({ short: 's', summary: 'Signal to send, by name or number' }),
  },
  run: async ({ signal }, names, context) => {
    const client = await context.connect();
    const kill = (name: string) =>
      client.call(routes.containerKill, { path: containerPath(name), query: { signal } });
    await forEachName(names, kill, { out: context.streams.out });
    return 0;
  },
});
