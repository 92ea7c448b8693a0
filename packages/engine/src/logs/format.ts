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
  /** Each line begins with this and a blank; null: with neither. */
  details: string | null;
  /** In the multiplexed format, as opposed to the bare text: an entry a frame, or as few frames as can be. */
  frames: 'each' | 'joined' | null;
  /** Entries before `since` and after `until` are left out. */
  since: bigint | null;
  until: bigint | null;
}

export interface Reshaped {
  /** What is to be sent: most times in the memory of the block. */
  output: Buffer;
  /** How much of the block was read: what follows is the beginning of an entry. */
  consumed: number;
}

export interface LogFormatter {
  /** Turns the entries in a block into what clients are sent; the block is not to be read any more, but for its rest. */
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

/** An entry of the log. */
export interface LogEntry {
  /** As it stands there, without its zone. */
  time: string;
  isStdout: boolean;
  /** A whole line, or the end of one. */
  isWhole: boolean;
  /** Without a newline. */
  text: Buffer;
}

const isEntryAt = (block: Buffer, at: number, end: number): boolean =>
  end - at > textAt && block[at + 10] === letterT && block[at + tagAt - 1] === space;

/** Reads the entry from `at` to behind its newline; null when it is none. */
export function parseEntry(block: Buffer, at: number, end: number): LogEntry | null {
  if (!isEntryAt(block, at, end)) return null;
  return {
    time: block.toString('latin1', at, at + timeLength),
    isStdout: block[at + streamAt + 3] === letterO,
    isWhole: block[at + tagAt] === letterF,
    text: block.subarray(at + textAt, end - 1),
  };
}

/** Hands on the entries as they are. */
export const wholeEntries: LogFormatter = {
  reshape(block) {
    const consumed = block.lastIndexOf(newline) + 1;
    return { output: block.subarray(0, consumed), consumed };
  },
  over: false,
};

/** Makes a formatter for a log that is fed to it from the beginning of an entry on. */
export function createLogFormatter(form: LogForm): LogFormatter {
  const since = form.since === null ? null : sortable(form.since);
  const until = form.until === null ? null : sortable(form.until);
  const header = form.frames === null ? 0 : frameHeaderLength;
  const details = form.details === null ? null : Buffer.from(`${form.details} `);
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

  // The last frame of the output, to which more may be joined: where it begins, and of which stream it is.
  let frameAt = -1;
  let frameStream = -1;

  /** Writes the entry from `at` to `end` into `output` at `to`; returns where it ends. */
  const place = (block: Buffer, at: number, end: number, output: Buffer, to: number): number => {
    const isStdout = block[at + streamAt + 3] === letterO;
    if (!wanted(block, at, isStdout)) return to;
    const isWhole = block[at + tagAt] === letterF;
    const stream = isStdout ? 0 : 1;
    const isJoined = form.frames === 'joined' && frameStream === stream;
    let text = isJoined ? to : to + header;
    if (!inLine[stream]) {
      if (form.timestamps) {
        block.copy(output, text, at, at + timeLength);
        text += timeLength;
        output[text++] = letterZ;
        output[text++] = space;
      }
      if (details) text += details.copy(output, text);
    }
    inLine[stream] = !isWhole;
    const stop = isWhole ? end : end - 1;
    const after = text + block.copy(output, text, at + textAt, stop);
    if (header > 0) {
      if (!isJoined) {
        frameAt = to;
        frameStream = stream;
        output.writeUInt32BE((stream + 1) << 24, to);
      }
      output.writeUInt32BE(after - frameAt - header, frameAt + 4);
    }
    return after;
  };

  /** Where the output goes: into the block itself, because none is longer than its entry, unless there are details. */
  const room = (block: Buffer): Buffer => {
    if (!details || details.length === 1) return block;
    let entries = 0;
    for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, at + 1)) entries += 1;
    return Buffer.allocUnsafe(block.length + entries * details.length);
  };

  return {
    reshape(block) {
      const output = room(block);
      let at = 0;
      let length = 0;
      frameStream = -1;
      while (!over) {
        const end = block.indexOf(newline, at) + 1;
        if (end === 0) break;
        // Anything else is what a crash of the machine left: it is no one's output.
        if (isEntryAt(block, at, end)) length = place(block, at, end, output, length);
        at = end;
      }
      return { output: output.subarray(0, length), consumed: at };
    },
    get over() {
      return over;
    },
  };
}
