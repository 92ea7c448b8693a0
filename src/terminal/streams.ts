import type { Readable, Writable } from 'node:stream';

/** One output of the process and what may be done on it. */
export interface Output {
  readonly stream: Writable;
  readonly isTerminal: boolean;
  /** Whether colours may be used: a terminal, and neither NO_COLOR, CI nor a dumb TERM. */
  readonly color: boolean;
  /** Columns of the terminal now; 80 when it is none. */
  readonly width: number;
  readonly height: number;
  /** Writes text; resolves when more may be written. */
  write(data: string | Uint8Array): Promise<void>;
  /** Writes text and a line end. */
  line(text?: string): Promise<void>;
}

export interface Input {
  readonly stream: Readable;
  readonly isTerminal: boolean;
  /** Switches a terminal between raw and line mode; nothing on what is none. */
  setRaw(raw: boolean): void;
}

/** The process's three streams: the only way a command reads or writes. */
export interface Streams {
  readonly in: Input;
  readonly out: Output;
  readonly err: Output;
}
