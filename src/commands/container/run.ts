import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import type { Client, Hijacked } from '../../http/client.ts';
import { type Session, startSession } from '../../terminal/session.ts';
import { atLeast, defineCommand, flag, type OptionsOf } from '../command.ts';
import { createContainer, requestOf } from './create-container.ts';
import { checkTerminal, failureWithHelp, runFailure } from './failure.ts';
import { followContainer, forwardToContainer } from './following.ts';
import { createFlags } from './options/flags.ts';
import { attachedStreams, type Streams } from './options/request.ts';
import { beginWait } from './waiting.ts';

const flags = {
  ...createFlags,
  detach: flag.boolean({ short: 'd', summary: 'Run in the background and print the ID' }),
  sigProxy: flag.boolean({ summary: 'Pass signals on to the container', default: true }),
  detachKeys: flag.string({ value: 'keys', summary: 'Keys that leave the container running' }),
};

export default defineCommand({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create and run a new container from an image',
  description:
    "Exits with the container's code; 125 when the engine fails, 126 when the command cannot be executed and 127 when it is not there.",
  examples: [
    { command: 'run --rm -it busybox', explanation: 'A shell in a container that is gone afterwards' },
    { command: 'run -d --name web -p 8080:80 nginx', explanation: 'A web server in the background' },
    {
      command: 'run --rm -v .:/src -w /src node npm test',
      explanation: 'A command on the current directory',
    },
  ],
  arguments: atLeast(1),
  flags,
  stopAtFirstArgument: true,
  run,
});

type RunOptions = OptionsOf<typeof flags>;

async function run(options: RunOptions, args: string[], context: CommandContext): Promise<number> {
  const none = { stdin: false, stdout: false, stderr: false };
  const attached = options.detach ? none : attachedStreams(options);
  const request = (() => {
    try {
      return requestOf(options, args, context);
    } catch (error) {
      throw failureWithHelp(error, 'run', context);
    }
  })();
  if (!options.detach) checkTerminal(context, options.tty, attached.stdin);
  else if (options.attach.length > 0) {
    throw failureWithHelp(
      new Error('conflicting options: cannot specify both --attach and --detach'),
      'run',
      context,
    );
  }
  const body = {
    ...request,
    AttachStdin: attached.stdin,
    AttachStdout: attached.stdout,
    AttachStderr: attached.stderr,
    StdinOnce: options.interactive && attached.stdin,
  };
  try {
    const client = await context.connect();
    const id = await createContainer(client, options, body, context);
    const stopForwarding = options.sigProxy ? forwardToContainer(client, id) : () => {};
    try {
      return options.detach
        ? await startDetached(client, id, context)
        : await runAttached(client, id, options, attached, context);
    } finally {
      stopForwarding();
    }
  } catch (error) {
    throw runFailure(error, context);
  }
}

async function startDetached(client: Client, id: string, { streams }: CommandContext): Promise<number> {
  await streams.out.line(id);
  await client.call(routes.containerStart, { path: { name: id } });
  return 0;
}

async function runAttached(
  client: Client,
  id: string,
  options: RunOptions,
  attached: Streams,
  context: CommandContext,
): Promise<number> {
  const { streams, config } = context;
  const detachKeys = options.detachKeys ?? config.detachKeys;
  // Both must be in place before the container starts, and neither depends on the other.
  const [connection, { code }] = await Promise.all([
    attach(client, id, { ...attached, stream: true, detachKeys }),
    beginWait(client, id, options.rm, context),
  ]);
  const session = startSession({
    connection: connection.stream,
    streams,
    terminal: options.tty,
    ...attached,
    detachKeys,
  });
  try {
    await client.call(routes.containerStart, { path: { name: id } });
  } catch (error) {
    session.stop();
    // The engine removes what could not be started: that is part of this command.
    if (options.rm) await code;
    throw error;
  }
  const stopFollowing = options.tty ? followContainer(client, id, streams) : () => {};
  try {
    return await outcome(session, code, attached);
  } finally {
    stopFollowing();
  }
}

type AttachQuery = Streams & { stream: boolean; detachKeys: string };

async function attach(client: Client, id: string, query: AttachQuery): Promise<Hijacked> {
  try {
    return await client.call(routes.containerAttach, { path: { name: id }, query });
  } catch (error) {
    // docker tells this one without a hint at the help.
    throw new CommandError(describeError(error), 1, { cause: error });
  }
}

/** The exit code of the container, when all of its output has arrived; 0 when the user has left it. */
async function outcome(session: Session, code: Promise<number>, attached: Streams): Promise<number> {
  // Without outputs there is nothing that would end with the container.
  if (!attached.stdout && !attached.stderr) {
    const first = await Promise.race([session.end, code]);
    session.stop();
    return first === 'detached' ? 0 : code;
  }
  return (await session.end) === 'detached' ? 0 : code;
}
