import { routes } from '@davit/api';
import { CommandError, describeError } from '../../exit.ts';
import { atLeast, defineCommand } from '../command.ts';

export default defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Block until one or more containers stop, then print their exit codes',
  examples: [
    { command: 'wait job', explanation: 'Print the exit code of a container when it has ended' },
    { command: 'wait first second', explanation: 'Wait for two, and print their codes in this order' },
  ],
  arguments: atLeast(1),
  flags: {},
  async run(_options, names, context) {
    const client = await context.connect();
    let failed = false;
    for (const name of names) {
      try {
        const answers = await client.call(routes.containerWait, { path: { name } });
        for await (const { StatusCode, Error: failure } of answers) {
          if (failure) throw new CommandError(failure.Message);
          await context.streams.out.line(String(StatusCode));
        }
      } catch (error) {
        failed = true;
        await context.streams.err.line(describeError(error));
      }
    }
    return failed ? 1 : 0;
  },
});
