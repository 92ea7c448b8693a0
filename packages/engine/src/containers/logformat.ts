import { frameHeaderLength } from '@davit/api';
import { formatTime } from '../clock.ts';

/**
 * The monitor's log is in the k8s-file format, one entry a line, its times in UTC and its columns fixed:
 * `2026-11-25T07:43:37.279072476+00:00 stdout F text`. The tag is F for a whole line or the end of one, and P
 * for a part whose rest follows.
 */
const timeLength = '2026-11-25T07:43:37.279072476'.length;
const streamAt = timeLength + '+00:00 '.length;
export const tagAt = streamAt + 'stdout '.length;
const textAt = tagAt + 'F '.length;

const newline = 0x0a;
const space = 0x20;
const letterF = 0x46;
const letterT = 0x54;
const letterZ = 0x5a;
const letterO = 0x6f;

/** What of a log is wanted, and how. */
export interface LogForm {
  stdout: boolean;
  stderr: boolean;
  /** Each line begins with its time. */
  timestamps: boolean;
  /** Each line begins with its attributes, of which there are none: with a blank. */
  details: boolean;
  /** In the multiplexed format, as opposed to the bare text. */
  frames: boolean;
  /** Entries before `since` and after `until` are left out. */
  since: bigint | null;
  until: bigint | null;
}

export interface Reshaped {
  /** How much of the block is to be sent, from its beginning. */
  length: number;
  /** How much of the block was read: what follows is the beginning of an entry. */
  consumed: number;
}

export interface LogFormatter {
  /** Turns the entries in a block into what clients are sent, in place: that is never longer than its entry. */
  reshape(block: Buffer): Reshaped;
  /** An entry later than `until` was met: nothing that follows is wanted. */
  readonly over: boolean;
}

/** A time in the form that sorts as the beginning of an entry does. */
function sortable(time: bigint): Buffer {
  const [seconds = '', fraction = ''] = formatTime(time < 0n ? 0n : time)
    .slice(0, -1)
    .split('.');
  return Buffer.from(`${seconds}.${fraction.padEnd(9, '0')}`);
}

/** Makes a formatter for a log that is fed to it from the beginning of an entry on. */
export function createLogFormatter(form: LogForm): LogFormatter {
  const since = form.since === null ? null : sortable(form.since);
  const until = form.until === null ? null : sortable(form.until);
  const header = form.frames ? frameHeaderLength : 0;
  // Whether the entry before, of stdout and of stderr, was a part.
  const inLine = [false, false];
  let over = false;

  const wanted = (block: Buffer, at: number, isStdout: boolean): boolean => {
    if (since !== null && block.compare(since, 0, timeLength, at, at + timeLength) < 0) return false;
    if (until !== null && block.compare(until, 0, timeLength, at, at + timeLength) > 0) {
      over = true;
      return false;
    }
    return isStdout ? form.stdout : form.stderr;
  };

  /** Writes the entry from `at` to `end` at `to`, which is never behind `at`; returns where it ends. */
  const place = (block: Buffer, at: number, end: number, to: number): number => {
    const isStdout = block[at + streamAt + 3] === letterO;
    if (!wanted(block, at, isStdout)) return to;
    const isWhole = block[at + tagAt] === letterF;
    const stream = isStdout ? 0 : 1;
    let text = to + header;
    if (!inLine[stream]) {
      if (form.timestamps) {
        block.copyWithin(text, at, at + timeLength);
        text += timeLength;
        block[text++] = letterZ;
        block[text++] = space;
      }
      if (form.details) block[text++] = space;
    }
    inLine[stream] = !isWhole;
    const stop = isWhole ? end : end - 1;
    block.copyWithin(text, at + textAt, stop);
    const after = text + stop - at - textAt;
    if (header > 0) {
      block[to] = stream + 1;
      block[to + 1] = 0;
      block[to + 2] = 0;
      block[to + 3] = 0;
      block.writeUInt32BE(after - to - header, to + 4);
    }
    return after;
  };

  return {
    reshape(block) {
      let at = 0;
      let length = 0;
      while (!over) {
        const end = block.indexOf(newline, at) + 1;
        if (end === 0) break;
        const isEntry = end - at > textAt && block[at + 10] === letterT && block[at + tagAt - 1] === space;
        // Anything else is what a crash of the machine left: it is no one's output.
        if (isEntry) length = place(block, at, end, length);
        at = end;
      }
      return { length, consumed: at };
    },
    get over() {
      return over;
    },
  };
}
