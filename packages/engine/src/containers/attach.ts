import type { Duplex } from 'node:stream';
import { EngineError } from '../errors.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';
import { parseDetachKeys } from './detach.ts';
import type { HubClient, HubEnding } from './hub.ts';
import { serveFromLog } from './listening.ts';
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

/** Takes over the connection of a client. */
export type TakeConnection = (contentType: string) => Duplex;

function checkAttachable(name: string, { state }: ContainerRecord): void {
  if (state.status === 'paused') {
    throw new EngineError('conflict', `container ${name} is paused, unpause the container before attach`);
  }
  if (state.status === 'restarting') {
    throw new EngineError('conflict', `container ${name} is restarting, wait until the container is running`);
  }
}

/**
 * Serves a client on the streams of a container, which may be yet to start, until either is through. What is printed
 * comes from the log, however slowly it is read; where there is none, from the console. `frames` says whether
 * streams are told apart where there is no terminal.
 */
export async function attachClient(
  context: Context,
  name: string,
  options: AttachOptions,
  take: TakeConnection,
  version: string,
  frames = true,
): Promise<void> {
  const detachKeys = parseDetachKeys(options.detachKeys);
  const record = context.store.find(name);
  checkAttachable(name, record);
  const client = { ...options, frames: frames && !record.config.Tty, detachKeys };
  const begin = () => {
    const socket = take(streamType(record.config.Tty, version));
    context.publish('attach', record);
    return socket;
  };
  const hasLog = record.hostConfig.LogConfig.Type !== 'none';
  const ending = hasLog
    ? await serveFromLog(context, record, client, begin)
    : await serveFromConsole(context, record, client, begin);
  if (ending === 'detached') context.publish('detach', record);
}

async function serveFromConsole(
  context: Context,
  record: ContainerRecord,
  client: Omit<HubClient, 'socket'> & Pick<AttachOptions, 'stream'>,
  begin: () => Duplex,
): Promise<HubEnding> {
  const { hub } = context.live(record);
  const served = client.stream ? hub.serve({ ...client, socket: begin() }) : 'over';
  if (!client.stream) begin();
  const runs = context.store.get(record.id)?.state.status === 'running';
  if (runs && client.stream) await hub.open(() => context.runtime.attach(context.runtime.bundle(record.id)));
  return served;
}
