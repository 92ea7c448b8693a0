import { routes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';
import { stoppingFlags, stoppingQuery } from './stopping.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  description: 'Stops the containers one after the other as stop does, and starts each again.',
  examples: [
    { command: 'restart web', explanation: 'Stop it and start it again' },
    { command: 'restart --timeout 0 web', explanation: 'Restart it without waiting for it to end' },
  ],
  arguments: atLeast(1),
  flags: stoppingFlags,
  run: async (values, names, context) => {
    const client = await context.connect();
    const query = stoppingQuery(values);
    const restart = (name: string) =>
      client.call(routes.containerRestart, { path: containerPath(name), query });
    await forEachName(names, restart, { out: context.streams.out, oneByOne: true });
    return 0;
  },
});
