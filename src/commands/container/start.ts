import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import { startSession } from '../../terminal/session.ts';
import { atLeast, defineCommand, flag, type OptionsOf } from '../command.ts';
import { followContainer, forwardToContainer } from './following.ts';
import { beginWait } from './waiting.ts';

const flags = {
  attach: flag.boolean({ short: 'a', summary: 'Attach output and error, and pass signals on' }),
  interactive: flag.boolean({ short: 'i', summary: 'Attach standard input' }),
  detachKeys: flag.string({ value: 'keys', summary: 'Keys that leave the container running' }),
};

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start one or more stopped containers',
  examples: [
    { command: 'start web db', explanation: 'Start two containers in the background' },
    { command: 'start -ai shell', explanation: 'Start a container and use it in this terminal' },
  ],
  arguments: atLeast(1),
  flags,
  async run(options, names, context) {
    if (!options.attach && !options.interactive) return startAll(names, context);
    const [name = '', ...more] = names;
    if (more.length > 0) throw new CommandError('you cannot start and attach multiple containers at once');
    return startAttached(name, options, context);
  },
});

async function startAll(names: string[], context: CommandContext): Promise<number> {
  const { out, err } = context.streams;
  const client = await context.connect();
  const failed: string[] = [];
  for (const name of names) {
    try {
      await client.call(routes.containerStart, { path: { name } });
      await out.line(name);
    } catch (error) {
      failed.push(name);
      await err.line(describeError(error));
    }
  }
  if (failed.length > 0) throw new CommandError(`Error: failed to start containers: ${failed.join(', ')}`);
  return 0;
}

async function startAttached(
  name: string,
  options: OptionsOf<typeof flags>,
  context: CommandContext,
): Promise<number> {
  const { streams, config } = context;
  const client = await context.connect();
  const container = await client.call(routes.containerInspect, { path: { name } });
  const terminal = container.Config.Tty;
  const removed = container.HostConfig.AutoRemove;
  const path = { name: container.Id };
  const attached = { stdin: options.interactive && container.Config.OpenStdin, stdout: true, stderr: true };
  const detachKeys = options.detachKeys ?? config.detachKeys;
  // As docker's client, this one goes when it is told to end, and leaves it to the container what becomes of that.
  const { promise: left, resolve: leave } = Promise.withResolvers<'left'>();
  let isLeaving = false;
  const received = (signal: string, answered: Promise<void>) => {
    if (signal !== 'TERM' && signal !== 'INT') return;
    isLeaving = true;
    void answered.then(() => leave('left'));
  };
  const stopForwarding = terminal ? () => {} : forwardToContainer(client, container.Id, received);
  const [connection, { code }] = await Promise.all([
    client.call(routes.containerAttach, { path, query: { ...attached, stream: true, detachKeys } }),
    beginWait(client, container.Id, removed, context),
  ]);
  const session = startSession({ connection: connection.stream, streams, terminal, ...attached, detachKeys });
  try {
    await client.call(routes.containerStart, { path });
  } catch (error) {
    session.stop();
    if (removed) await code;
    throw error;
  }
  const stopFollowing = terminal ? followContainer(client, container.Id, streams) : () => {};
  const end = await Promise.race([session.end, left]);
  stopFollowing();
  const exitCode = end === 'ended' ? await Promise.race([code, left]) : 0;
  if (end === 'left') session.stop();
  stopForwarding();
  return isLeaving || exitCode === 'left' ? 0 : exitCode;
}
