import { parseMoment } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { parseTail, readLog } from './logs.ts';
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

/** Opens the log of a container for one client. Throws before anything is sent. */
export function openLog(
  context: Context,
  name: string,
  request: LogRequest,
  version: string,
  signal: AbortSignal,
): { contentType: string; body: AsyncIterable<Uint8Array> } {
  const record = context.store.find(name);
  const { stdout, stderr, timestamps, details } = request;
  if (!stdout && !stderr) {
    throw new EngineError('badParameter', 'Bad parameters: you must choose at least one stream');
  }
  const { Tty } = record.config;
  if (record.hostConfig.LogConfig.Type === 'none') {
    throw new EngineError('internal', 'configured logging driver does not support reading');
  }
  // Clients write 0 for "not given".
  const moment = (which: 'since' | 'until') => parseMoment(which, request[which].replace(/^0$/, ''));
  const form = {
    ...{ stdout, stderr, timestamps, details },
    frames: !Tty,
    since: moment('since'),
    until: moment('until'),
  };
  const follow = request.follow && isRunning(record) ? context.live(record).exits.wait(signal) : null;
  // A client that leaves is no error.
  follow?.catch(() => undefined);
  const options = { form, tail: parseTail(request.tail), follow, signal };
  return { contentType: streamType(Tty, version), body: readLog(context.logPath(record.id), options) };
}
