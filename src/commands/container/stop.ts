import { routes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';
import { stoppingFlags, stoppingQuery } from './stopping.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Stop one or more running containers',
  description:
    'Sends the containers their stop signal (SIGTERM unless they have another one), and SIGKILL to those that ' +
    'still run when the time is over.',
  examples: [
    { command: 'stop web', explanation: 'Give it ten seconds to end by itself' },
    { command: 'stop --timeout 60 db', explanation: 'Give it a minute' },
  ],
  arguments: atLeast(1),
  flags: stoppingFlags,
  run: async (values, names, context) => {
    const client = await context.connect();
    const query = stoppingQuery(values);
    const stop = (name: string) => client.call(routes.containerStop, { path: containerPath(name), query });
    await forEachName(names, stop, { out: context.streams.out });
    return 0;
  },
});
