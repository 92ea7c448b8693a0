import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { followSize } from '../../terminal/resize.ts';
import { startSession } from '../../terminal/session.ts';
import { atLeast, defineCommand, flag, type OptionsOf } from '../command.ts';
import { checkTerminal } from './failure.ts';
import { collectEnvironment } from './options/environment.ts';
import { checkEnvironment } from './options/values.ts';

const flags = {
  detach: flag.boolean({ short: 'd', summary: 'Run in the background' }),
  detachKeys: flag.string({ value: 'keys', summary: 'Keys that leave the command running' }),
  env: flag.custom({
    short: 'e',
    value: 'name[=value]',
    summary: 'Set an environment variable',
    type: 'list',
    default: [] as string[],
    parse: (text: string, all: string[]) => [...all, checkEnvironment(text)],
  }),
  envFile: flag.list({ value: 'file', summary: 'Read environment variables from a file' }),
  interactive: flag.boolean({ short: 'i', summary: 'Keep standard input open' }),
  privileged: flag.boolean({ summary: 'Give it all rights of root on this machine' }),
  tty: flag.boolean({ short: 't', summary: 'Give it a terminal' }),
  user: flag.string({ short: 'u', value: 'user[:group]', summary: 'User to run as, by name or number' }),
  workdir: flag.string({ short: 'w', value: 'path', summary: 'Working directory' }),
};

export default defineCommand({
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Execute a command in a running container',
  examples: [
    { command: 'exec -it web sh', explanation: 'A shell beside what the container runs' },
    { command: 'exec -u 1000 -w /tmp web id', explanation: 'One command, as another user' },
  ],
  arguments: atLeast(2),
  flags,
  stopAtFirstArgument: true,
  run,
});

async function run(
  options: OptionsOf<typeof flags>,
  args: string[],
  context: CommandContext,
): Promise<number> {
  const { streams, config, environment } = context;
  const [container = '', ...command] = args;
  const env = collectEnvironment(options.envFile, options.env, environment);
  const client = await context.connect();
  const stdin = options.interactive && !options.detach;
  if (!options.detach && options.tty && stdin && !streams.in.isTerminal) {
    // That the container is missing would be the greater mistake.
    await client.call(routes.containerInspect, { path: { name: container } });
    checkTerminal(context, options.tty, stdin);
  }
  const detachKeys = options.detachKeys ?? config.detachKeys;
  const size = options.tty && streams.out.isTerminal ? [streams.out.height, streams.out.width] : undefined;
  const { Id } = await client.call(routes.execCreate, {
    path: { name: container },
    body: {
      User: options.user,
      Privileged: options.privileged,
      Tty: options.tty,
      ConsoleSize: size,
      AttachStdin: stdin,
      AttachStdout: !options.detach,
      AttachStderr: !options.detach,
      DetachKeys: detachKeys,
      Env: env,
      WorkingDir: options.workdir,
      Cmd: command,
    },
  });
  const start = { path: { id: Id }, body: { Detach: options.detach, Tty: options.tty, ConsoleSize: size } };
  const connection = await client.call(options.detach ? detached : routes.execStart, start);
  if (!('stream' in connection)) return 0;
  const session = startSession({
    connection: connection.stream,
    streams,
    terminal: options.tty,
    stdin,
    stdout: true,
    stderr: true,
    detachKeys,
  });
  const stopFollowing = options.tty && streams.in.isTerminal ? followExec(client, Id, context) : () => {};
  const end = await session.end;
  stopFollowing();
  if (end === 'detached') throw new CommandError('read escape sequence');
  const { ExitCode } = await client.call(routes.execInspect, { path: { id: Id } });
  return ExitCode ?? 0;
}

/** A command in the background has no streams: the engine answers when it runs. */
const detached = { ...routes.execStart, answer: { kind: 'empty' } } as const;

function followExec(client: Client, id: string, { streams }: CommandContext): () => void {
  return followSize(
    streams.out,
    (query) => client.call(routes.execResize, { path: { id }, query }),
    (message) => void streams.err.line(message),
  );
}
