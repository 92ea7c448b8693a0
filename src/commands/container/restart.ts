import { routes } from '@davit/api';
import { atLeast, defineCommand, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  description: 'Stops the containers one after the other as stop does, and starts each again.',
  examples: [{ command: 'restart --timeout 0 web', explanation: 'Restart it without waiting for it to end' }],
  arguments: atLeast(1),
  flags: {
    signal: flag.string({
      short: 's',
      summary: 'Signal to send instead of the stop signal of the container',
    }),
    timeout: flag.integer({ short: 't', summary: 'Seconds to wait before it is killed, -1 for ever' }),
    time: flag.integer({
      summary: 'Seconds to wait before it is killed',
      hidden: true,
      deprecated: 'use --timeout instead',
    }),
  },
  run: async ({ signal, timeout, time }, names, context) => {
    const client = await context.connect();
    const query = { signal, t: timeout ?? time };
    const restart = (name: string) =>
      client.call(routes.containerRestart, { path: containerPath(name), query });
    await forEachName(names, restart, { out: context.streams.out, oneByOne: true });
    return 0;
  },
});
