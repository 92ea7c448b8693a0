import { ApiError, routes } from '@davit/api';
import { CommandError, describeError } from '../../exit.ts';
import { atLeast, defineCommand, flag } from '../command.ts';

export default defineCommand({
  usage: 'NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  description: 'Removes networks that no running container is in, by name or ID.',
  examples: [{ command: 'network rm backend', explanation: 'Remove a network' }],
  arguments: atLeast(1),
  flags: { force: flag.boolean({ short: 'f', summary: 'Do not mind networks that are not there' }) },
  run: async ({ force }, names, context) => {
    const { out, err } = context.streams;
    const client = await context.connect();
    let failed = false;
    for (const name of names) {
      try {
        await client.call(routes.networkRemove, { path: { name } });
        await out.line(name);
      } catch (error) {
        if (force && error instanceof ApiError && error.status === 404) continue;
        await err.line(describeError(error));
        failed = true;
      }
    }
    if (failed) throw new CommandError('exit status 1');
    return 0;
  },
});
