import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { copyOutput } from '../../terminal/copy.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { toEngineTime } from '../timestamps.ts';

/** A `--since` or `--until` for the engine. Throws CommandError. */
function time(name: 'since' | 'until', value: string): string {
  if (value === '') return '';
  try {
    return toEngineTime(value);
  } catch (error) {
    throw new CommandError(`invalid value for "${name}": ${error instanceof Error ? error.message : error}`);
  }
}

export default defineCommand({
  usage: '[OPTIONS] CONTAINER',
  summary: 'Fetch the logs of a container',
  description:
    'Prints what the container has written, its standard output to standard output and its standard error to ' +
    'standard error. Times are written as 2025-01-31T12:00:00, as Unix seconds, or as a duration back from now.',
  examples: [
    { command: 'logs -f --tail 100 web', explanation: 'The last hundred lines, and what follows' },
    { command: 'logs --since 10m -t web', explanation: 'The last ten minutes, with times' },
  ],
  arguments: exactly(1),
  flags: {
    details: flag.boolean({ summary: 'Show the labels and variables that the log driver keeps' }),
    follow: flag.boolean({ short: 'f', summary: 'Go on with what is written from now on' }),
    since: flag.string({ summary: 'Show what was written from this time on', default: '' }),
    tail: flag.string({ short: 'n', summary: 'Show the last lines, this many', default: 'all' }),
    timestamps: flag.boolean({ short: 't', summary: 'Show when each line was written' }),
    until: flag.string({ summary: 'Show what was written up to this time', default: '' }),
  },
  run: async (options, [name = ''], context) => {
    const { streams } = context;
    const path = containerPath(name);
    const since = time('since', options.since);
    const until = time('until', options.until);
    const client = await context.connect();
    const container = await client.call(routes.containerInspect, { path });
    const logs = await client.call(routes.containerLogs, {
      path: { name: container.Id },
      query: {
        stdout: true,
        stderr: true,
        since,
        until,
        timestamps: options.timestamps,
        follow: options.follow,
        tail: options.tail,
        details: options.details,
      },
    });
    await copyOutput(logs.stream, container.Config.Tty, { out: streams.out, err: streams.err });
    return 0;
  },
});
