import { routes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Pause all processes within one or more containers',
  description:
    'Lets all processes of the containers stand still; they notice nothing, and go on after unpause.',
  examples: [
    { command: 'pause web', explanation: 'Let it stand still' },
    { command: 'pause $(davit ps -q)', explanation: 'All that run' },
  ],
  arguments: atLeast(1),
  flags: {},
  run: async (_options, names, context) => {
    const client = await context.connect();
    const pause = (name: string) => client.call(routes.containerPause, { path: containerPath(name) });
    await forEachName(names, pause, { out: context.streams.out });
    return 0;
  },
});
