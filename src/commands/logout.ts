import { openLogins } from '../config/auths.ts';
import { CommandError, describeError } from '../exit.ts';
import { atMost, defineCommand } from './command.ts';
import { serverFor } from './login-server.ts';

export default defineCommand({
  usage: '[SERVER]',
  summary: 'Log out from a registry',
  description: "Forgets the credentials for a registry, docker's hub when none is named.",
  examples: [
    { command: 'logout', explanation: 'Forget the login of Docker Hub' },
    { command: 'logout registry.example.com', explanation: 'Forget what login has kept' },
  ],
  arguments: atMost(1),
  flags: {},
  run: async (_options, [argument], { config, environment, streams }) => {
    const server = serverFor(argument);
    await streams.out.line(`Removing login credentials for ${server}`);
    try {
      await openLogins(config.directory, environment).remove(server);
    } catch (error) {
      throw new CommandError(`WARNING: could not erase credentials: ${describeError(error)}`);
    }
    return 0;
  },
});
