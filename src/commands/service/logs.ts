import { ApiError, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { copyOutput } from '../../terminal/copy.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { toEngineTime } from '../timestamps.ts';
import { createLineWriter, createTaskNames } from './log-lines.ts';

interface Target {
  /** Where its logs are. */
  of: 'service' | 'task';
  tty: boolean;
  /** The largest number of a task, which says how wide their names are. */
  most: number;
}

/** Finds a service or else a task. Throws CommandError when there is neither. */
async function findTarget(client: Client, id: string): Promise<Target> {
  const missing = (error: unknown) => error instanceof ApiError && error.status === 404;
  try {
    const { Spec } = await client.call(swarmRoutes.serviceInspect, { path: { id } });
    const tty = Spec.TaskTemplate.ContainerSpec?.TTY ?? false;
    return { of: 'service', tty, most: Spec.Mode?.Replicated?.Replicas ?? 0 };
  } catch (error) {
    if (!missing(error)) throw error;
  }
  try {
    const { Spec, Slot = 0 } = await client.call(swarmRoutes.taskInspect, { path: { id } });
    return { of: 'task', tty: Spec.ContainerSpec?.TTY ?? false, most: Slot };
  } catch (error) {
    if (!missing(error)) throw error;
    throw new CommandError(`no such task or service: ${id}`, 1, { cause: error });
  }
}

function since(value: string): string {
  if (value === '') return '';
  try {
    return toEngineTime(value);
  } catch (error) {
    throw new CommandError(`invalid value for "since": ${error instanceof Error ? error.message : error}`);
  }
}

interface LogOptions {
  details: boolean;
  follow: boolean;
  noResolve: boolean;
  noTaskIds: boolean;
  noTrunc: boolean;
  raw: boolean;
  since: string;
  tail: string;
  timestamps: boolean;
}

async function showLogs(
  client: Client,
  id: string,
  options: LogOptions,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { raw, details, timestamps } = options;
  const target = await findTarget(client, id);
  if (target.tty && !raw) throw new CommandError('tty service logs only supported with --raw');
  const query = {
    stdout: true,
    stderr: true,
    since: since(options.since),
    timestamps,
    follow: options.follow,
    tail: options.tail,
    // Whose line it is stands among the details.
    details: details || !raw,
  };
  const route = target.of === 'service' ? swarmRoutes.serviceLogs : swarmRoutes.taskLogs;
  const { stream } = await client.call(route, { path: { id }, query, signal });
  if (raw) return copyOutput(stream, target.tty, { out: streams.out, err: streams.err });
  const names = createTaskNames(client, { ...options, most: target.most });
  const writer = (output: typeof streams.out) => createLineWriter(output, names, { details, timestamps });
  const [out, err] = [writer(streams.out), writer(streams.err)];
  await copyOutput(stream, false, { out, err });
  await Promise.all([out.end(), err.end()]);
}

export default defineCommand({
  usage: '[OPTIONS] SERVICE|TASK',
  summary: 'Fetch the logs of a service or task',
  description:
    'Prints what all tasks of a service have written, each line with the task and the node that it is from.',
  examples: [
    {
      command: 'service logs -f --tail 20 web',
      explanation: 'The last lines of each task, and what follows',
    },
  ],
  arguments: exactly(1),
  flags: {
    details: flag.boolean({
      summary: 'Show the labels and variables that the log driver keeps',
      since: '1.30',
    }),
    follow: flag.boolean({ short: 'f', summary: 'Go on with what is written from now on' }),
    noResolve: flag.boolean({ summary: 'Print IDs in the place of names' }),
    noTaskIds: flag.boolean({ summary: 'Leave the IDs of tasks out' }),
    noTrunc: flag.boolean({ summary: 'Show IDs whole' }),
    raw: flag.boolean({ summary: 'Print the lines as they are', since: '1.30' }),
    since: flag.string({ summary: 'Show what was written from this time on', default: '' }),
    tail: flag.string({ short: 'n', summary: 'Show the last lines, this many', default: 'all' }),
    timestamps: flag.boolean({ short: 't', summary: 'Show when each line was written' }),
  },
  run: (options, [name = ''], context) =>
    withManager(context, async (client) => {
      await showLogs(client, name, options, context);
      return 0;
    }),
});
