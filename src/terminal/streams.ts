import type { Readable, Writable } from 'node:stream';
import { endByBrokenPipe } from './ending.ts';

/** One output of the process and what may be done on it. */
export interface Output {
  readonly stream: Writable;
  readonly isTerminal: boolean;
  /** Whether colours may be used: a terminal, and neither NO_COLOR, CI nor a dumb TERM. */
  readonly color: boolean;
  /** Columns of the terminal now; 80 when it is none, or does not know. */
  readonly width: number;
  /** Its rows; else 24. */
  readonly height: number;
  /** Writes text or bytes; resolves when more may be written. */
  write(data: string | Uint8Array): Promise<void>;
  /** Writes text and a line end. */
  line(text?: string): Promise<void>;
  /** Resolves when all that was written has left the process. */
  flushed(): Promise<void>;
  /** Calls `listener` when the terminal's size changes; returns how to stop that. */
  onResize(listener: () => void): () => void;
}

export interface Input {
  readonly stream: Readable;
  readonly isTerminal: boolean;
  /** Switches a terminal between raw and line mode; nothing on what is none. */
  setRaw(raw: boolean): void;
  /** Gives up what was opened. */
  close(): void;
}

/** The process's three streams: the only way a command reads or writes. */
export interface Streams {
  readonly in: Input;
  readonly out: Output;
  readonly err: Output;
}

type Environment = Readonly<Record<string, string | undefined>>;
type MaybeTerminal = { isTTY?: boolean; columns?: number; rows?: number };

/** Whether the environment allows colours. */
export function allowsColor(environment: Environment): boolean {
  return !environment.NO_COLOR && !environment.CI && environment.TERM !== 'dumb';
}

/** Wraps an output stream; a test gives a stream of its own. */
export function createOutput(stream: Writable & MaybeTerminal, environment: Environment): Output {
  const isTerminal = stream.isTTY === true;
  let drained: Promise<void> | undefined;
  const drain = () => {
    drained ??= new Promise((resolve) => {
      const settle = () => {
        stream.off('drain', settle).off('close', settle);
        drained = undefined;
        resolve();
      };
      stream.on('drain', settle).on('close', settle);
    });
    return drained;
  };
  // Writing to a terminal, a file or a pipe is synchronous on Linux: there is seldom anything to wait for.
  const write = async (data: string | Uint8Array): Promise<void> => {
    if (data.length > 0 && !stream.write(data) && !stream.destroyed) await drain();
  };
  return {
    stream,
    isTerminal,
    color: isTerminal && allowsColor(environment),
    get width() {
      return stream.columns || 80;
    },
    get height() {
      return stream.rows || 24;
    },
    write,
    line: (text = '') => write(`${text}\n`),
    onResize(listener) {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
    async flushed() {
      if (stream.writableLength === 0 || stream.destroyed) return;
      await new Promise<void>((resolve) => {
        stream.write('', () => resolve());
      });
    },
  };
}

type MaybeRaw = { isTTY?: boolean; isRaw?: boolean; setRawMode?(raw: boolean): unknown };

/** Wraps an input stream, made at first use: opening the process's own is not free. */
export function createInput(open: () => Readable & MaybeRaw): Input {
  let opened: (Readable & MaybeRaw) | undefined;
  const input = () => {
    opened ??= open();
    return opened;
  };
  return {
    get stream() {
      return input();
    },
    get isTerminal() {
      return input().isTTY === true;
    },
    setRaw(raw) {
      const stream = raw ? input() : opened;
      if (stream?.isTTY && stream.isRaw !== raw) stream.setRawMode?.(raw);
    },
    close: () => void opened?.destroy(),
  };
}

/**
 * The streams of this process. When whoever reads our output goes away (`davit logs web | head`), the process
 * ends without a word, by SIGPIPE.
 */
export function processStreams(): Streams {
  const input = createInput(() => process.stdin);
  const quietly = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    endByBrokenPipe(input);
  };
  process.stdout.on('error', quietly);
  process.stderr.on('error', quietly);
  return {
    in: input,
    out: createOutput(process.stdout, process.env),
    err: createOutput(process.stderr, process.env),
  };
}
