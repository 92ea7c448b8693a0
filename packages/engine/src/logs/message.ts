import { parseEntry } from './format.ts';

/** One line of a container's output, or a part of one that is too long for its destination. */
export interface LogMessage {
  isError: boolean;
  /** As in `2026-11-25T07:43:37.279072476`, in UTC. */
  time: string;
  /** Without the newline. */
  text: Buffer;
  /** For parts: which of them it is, of what, and whether it is the last one. */
  part: { id: number; ordinal: number; isLast: boolean } | null;
  /** Where the log goes on when this is sent. */
  next: LogPosition;
}

/** A position between the entries of a log: behind so many of those that were written at a moment. */
export interface LogPosition {
  time: string;
  count: number;
}

/** dockerd cuts longer lines, which receivers are made for. */
export const longestMessage = 16 * 1024;

const newline = 0x0a;

interface OpenLine {
  time: string;
  pieces: Buffer[];
  length: number;
  id: number;
  ordinal: number;
}

/** Makes messages of a log's entries, from behind a position on. */
export interface MessageMaker {
  /** What is told by a block of whole entries. */
  take(block: Buffer): Generator<LogMessage>;
  /** What is left when nothing more comes: lines that were never ended. */
  rest(): Generator<LogMessage>;
}

/** Makes the maker; entries that are not behind `from` are left out. */
export function createMessageMaker(from: LogPosition | null): MessageMaker {
  const lines: [OpenLine | null, OpenLine | null] = [null, null];
  let skipping = from;
  let skipped = 0;
  let position: LogPosition = from ?? { time: '', count: 0 };
  let parts = 0;

  /** Whether an entry was dealt with by whoever came before. */
  const isOld = (time: string): boolean => {
    if (!skipping) return false;
    if (time < skipping.time) return true;
    if (time === skipping.time && skipped < skipping.count) {
      skipped += 1;
      return true;
    }
    skipping = null;
    return false;
  };
  const message = (line: OpenLine, text: Buffer, isError: boolean, isLast: boolean): LogMessage => {
    const isPart = line.ordinal > 0 || !isLast;
    if (isPart && line.id === 0) line.id = parts += 1;
    if (isPart) line.ordinal += 1;
    const part = isPart ? { id: line.id, ordinal: line.ordinal, isLast } : null;
    return { isError, time: line.time, text, part, next: position };
  };
  const finish = function* (stream: 0 | 1): Generator<LogMessage> {
    const line = lines[stream];
    lines[stream] = null;
    if (!line || (line.length === 0 && line.ordinal === 0)) return;
    yield message(line, Buffer.concat(line.pieces), stream === 1, true);
  };

  return {
    *take(block) {
      for (let at = 0, end = 0; at < block.length; at = end) {
        end = block.indexOf(newline, at) + 1;
        if (end === 0) return;
        const entry = parseEntry(block, at, end);
        if (!entry || isOld(entry.time)) continue;
        const { time, isStdout, isWhole, text } = entry;
        position = { time, count: position.time === time ? position.count + 1 : 1 };
        const stream = isStdout ? 0 : 1;
        const line = lines[stream] ?? { time, pieces: [], length: 0, id: 0, ordinal: 0 };
        lines[stream] = line;
        line.pieces.push(text);
        line.length += text.length;
        while (line.length > longestMessage) {
          const whole = Buffer.concat(line.pieces);
          const left = whole.subarray(longestMessage);
          line.pieces = [left];
          line.length = left.length;
          yield message(line, whole.subarray(0, longestMessage), stream === 1, false);
        }
        // dockerd sends no empty lines.
        if (isWhole) yield* finish(stream);
      }
    },
    *rest() {
      yield* finish(0);
      yield* finish(1);
    },
  };
}
