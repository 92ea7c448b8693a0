import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { EngineError } from '../errors.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';
import { parseDetachKeys } from './detach.ts';
import { logOf } from './logrequest.ts';
import { streamType } from './streams.ts';

export interface AttachOptions {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** What is printed from now on. */
  stream: boolean;
  /** What was printed until now. */
  logs: boolean;
  detachKeys: string;
}

function checkAttachable({ id, state }: ContainerRecord): void {
  if (state.status === 'paused') {
    throw new EngineError('conflict', `container ${id} is paused, unpause the container before attach`);
  }
  if (state.status === 'restarting') {
    throw new EngineError('conflict', `container ${id} is restarting, wait until the container is running`);
  }
}

/** Serves a client on the streams of a container, which may be yet to start, until either is through. */
export async function attachClient(
  context: Context,
  name: string,
  options: AttachOptions,
  take: (contentType: string) => Duplex,
  version: string,
): Promise<void> {
  const record = context.store.find(name);
  const detachKeys = parseDetachKeys(options.detachKeys);
  checkAttachable(record);
  if (!options.stream && !options.logs) return;
  const socket = take(streamType(record.config.Tty, version));
  context.publish('attach', record);
  const { hub } = context.live(record);
  let served: ReturnType<typeof hub.serve> | undefined;
  const open = async () => {
    const runs = context.store.get(record.id)?.state.status === 'running';
    if (runs && options.stream)
      await hub.open(() => context.runtime.attach(context.runtime.bundle(record.id)));
  };
  // While the console is held, nothing is printed that is neither in the log nor for this client.
  await hub.hold(async () => {
    await open();
    if (options.logs) await replay(context, record, options, socket);
    await open();
    if (options.stream) served = hub.serve({ socket, ...options, detachKeys });
  });
  if ((await served) === 'detached') context.publish('detach', record);
}

async function replay(
  context: Context,
  record: ContainerRecord,
  { stdout, stderr }: AttachOptions,
  socket: Duplex,
): Promise<void> {
  const leaving = new AbortController();
  socket.once('close', () => leaving.abort());
  const log = context.logs.read(logOf(record), {
    form: {
      stdout,
      stderr,
      timestamps: false,
      details: null,
      frames: record.config.Tty ? null : 'joined',
      since: null,
      until: null,
    },
    tail: null,
    follow: null,
    signal: leaving.signal,
  });
  try {
    for await (const block of log) {
      if (!socket.write(block)) await once(socket, 'drain', { signal: leaving.signal });
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  }
}
