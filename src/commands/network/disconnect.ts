import { routes } from '@davit/api';
import { defineCommand, exactly, flag } from '../command.ts';

export default defineCommand({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Disconnect a container from a network',
  description: 'Takes a container out of a network, at once when it runs.',
  examples: [{ command: 'network disconnect backend web', explanation: 'Take web out of a network' }],
  arguments: exactly(2),
  flags: {
    force: flag.boolean({ short: 'f', summary: 'Take out what is left of a container that is gone' }),
  },
  run: async ({ force }, [name = '', container = ''], context) => {
    const client = await context.connect();
    await client.call(routes.networkDisconnect, {
      path: { name },
      body: { Container: container, Force: force },
    });
    return 0;
  },
});
