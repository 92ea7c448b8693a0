import { atLeast, defineCommand } from '../command.ts';
import { createContainer, requestOf } from './create-container.ts';
import { failureWithHelp } from './failure.ts';
import { createFlags } from './options/flags.ts';

export default defineCommand({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new container',
  description: 'The container is made ready but does not run until it is started.',
  examples: [
    { command: 'create --name web -p 8080:80 nginx', explanation: 'Make a container, to be started by name' },
    { command: 'start -a $(davit create busybox date)', explanation: 'Create, then start and watch' },
  ],
  arguments: atLeast(1),
  flags: createFlags,
  stopAtFirstArgument: true,
  async run(options, args, context) {
    const request = (() => {
      try {
        return requestOf(options, args, context);
      } catch (error) {
        throw failureWithHelp(error, 'create', context);
      }
    })();
    const client = await context.connect();
    await context.streams.out.line(await createContainer(client, options, request, context));
    return 0;
  },
});
