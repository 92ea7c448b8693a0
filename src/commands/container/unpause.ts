import { routes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Unpause all processes within one or more containers',
  description: 'Lets the processes of paused containers go on.',
  examples: [
    { command: 'unpause web', explanation: 'Let it go on' },
    { command: 'unpause $(davit ps -q --filter status=paused)', explanation: 'All that stand still' },
  ],
  arguments: atLeast(1),
  flags: {},
  run: async (_options, names, context) => {
    const client = await context.connect();
    const unpause = (name: string) => client.call(routes.containerUnpause, { path: containerPath(name) });
    await forEachName(names, unpause, { out: context.streams.out });
    return 0;
  },
});
