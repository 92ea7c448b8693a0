import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { startSession } from '../../terminal/session.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { checkTerminal } from './failure.ts';
import { followContainer, forwardToContainer } from './following.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  description:
    'The keys ctrl-p ctrl-q, or those of --detach-keys, leave a container with a terminal running.',
  examples: [
    { command: 'attach web', explanation: "See a container's output and pass signals on to it" },
    { command: 'attach --no-stdin --sig-proxy=false web', explanation: 'Only watch' },
  ],
  arguments: exactly(1),
  flags: {
    noStdin: flag.boolean({ summary: 'Leave standard input alone' }),
    sigProxy: flag.boolean({ summary: 'Pass signals on to the container', default: true }),
    detachKeys: flag.string({ value: 'keys', summary: 'Keys that leave the container running' }),
  },
  async run(options, [name = ''], context) {
    const { streams, config } = context;
    const client = await context.connect();
    const container = await inspectRunning(client, name);
    const terminal = container.Config.Tty;
    checkTerminal(context, terminal, !options.noStdin);
    const attached = {
      stdin: !options.noStdin && container.Config.OpenStdin,
      stdout: true,
      stderr: true,
    };
    const path = { name: container.Id };
    const detachKeys = options.detachKeys ?? config.detachKeys;
    const stopForwarding =
      options.sigProxy && !terminal ? forwardToContainer(client, container.Id) : () => {};
    const [answers, connection] = await Promise.all([
      client.call(routes.containerWait, { path }),
      client.call(routes.containerAttach, { path, query: { ...attached, stream: true, detachKeys } }),
    ]);
    const session = startSession({
      connection: connection.stream,
      streams,
      terminal,
      ...attached,
      detachKeys,
    });
    const stopFollowing = terminal ? await redraw(client, container.Id, context) : () => {};
    const end = await session.end;
    stopFollowing();
    stopForwarding();
    if (end === 'detached') throw new CommandError('read escape sequence');
    for await (const { StatusCode, Error: failure } of answers) {
      if (failure) throw new CommandError(failure.Message);
      return StatusCode;
    }
    return 0;
  },
});

async function inspectRunning(client: Client, name: string) {
  const container = await client.call(routes.containerInspect, { path: { name } });
  const { Running, Paused, Restarting } = container.State;
  if (!Running) throw new CommandError('You cannot attach to a stopped container, start it first');
  if (Paused) throw new CommandError('You cannot attach to a paused container, unpause it first');
  if (Restarting)
    throw new CommandError('You cannot attach to a restarting container, wait until it is running');
  return container;
}

/** A program draws its screen again when the size changes: it is made to change, or nothing would be seen. */
async function redraw(client: Client, id: string, { streams }: CommandContext): Promise<() => void> {
  const { isTerminal, height, width } = streams.out;
  if (isTerminal) {
    const query = { h: height + 1, w: width + 1 };
    await client.call(routes.containerResize, { path: { name: id }, query }).catch(() => undefined);
  }
  return followContainer(client, id, streams);
}
