import { hostname } from 'node:os';
import { parseMoment } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { attributesOf, type LogSubject } from '../logs/attributes.ts';
import { isReadable, limitsOf } from '../logs/limits.ts';
import { shipmentOf } from '../logs/shipment.ts';
import type { LogName } from '../logs/store.ts';
import { parseTail } from '../logs/tail.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { streamType } from './streams.ts';

/** What of a container's log is asked for, as in the query of GET /containers/{name}/logs. */
export interface LogRequest {
  follow: boolean;
  stdout: boolean;
  stderr: boolean;
  since: string;
  until: string;
  timestamps: boolean;
  details: boolean;
  tail: string;
}

/** The log of a container. */
export function logOf(record: ContainerRecord): LogName {
  const { LogConfig } = record.hostConfig;
  const shipment = shipmentOf(LogConfig, () => subjectOf(record));
  return { id: record.id, limits: limitsOf(LogConfig), shipment };
}

function subjectOf({ id, name, imageId, config, path, args }: ContainerRecord): LogSubject {
  return {
    ...{ id, name, imageId, imageName: config.Image, hostname: hostname() },
    command: [path, ...args].join(' '),
    labels: config.Labels ?? {},
    env: config.Env ?? [],
  };
}

/** What stands before the lines of a container's log: nothing where they went elsewhere with it. */
async function detailsOf(record: ContainerRecord): Promise<string> {
  const { LogConfig } = record.hostConfig;
  const isSent = logOf(record).shipment !== null;
  return isSent ? '' : attributesOf(LogConfig.Config ?? {}, subjectOf(record));
}

/** Opens the log of a container for one client. Throws before anything is sent. */
export async function openLog(
  context: Context,
  name: string,
  request: LogRequest,
  version: string,
  signal: AbortSignal,
): Promise<{ contentType: string; body: AsyncIterable<Uint8Array> }> {
  const record = context.store.find(name);
  const { stdout, stderr, timestamps, details } = request;
  if (!stdout && !stderr) {
    throw new EngineError('badParameter', 'Bad parameters: you must choose at least one stream');
  }
  const { Tty } = record.config;
  if (!isReadable(record.hostConfig.LogConfig)) {
    throw new EngineError('internal', 'configured logging driver does not support reading');
  }
  // Clients write 0 for "not given".
  const moment = (which: 'since' | 'until') => parseMoment(which, request[which].replace(/^0$/, ''));
  const form = {
    ...{ stdout, stderr, timestamps },
    details: details ? await detailsOf(record) : null,
    frames: Tty ? null : ('each' as const),
    since: moment('since'),
    until: moment('until'),
  };
  const follow = request.follow && isRunning(record) ? context.live(record).exits.wait(signal) : null;
  // A client that leaves is no error.
  follow?.catch(() => undefined);
  const options = { form, tail: parseTail(request.tail), follow, signal };
  return { contentType: streamType(Tty, version), body: context.logs.read(logOf(record), options) };
}
