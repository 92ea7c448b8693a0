import { createRequire } from 'node:module';
import type { ReadStream } from 'node:tty';
import type * as pty from '@lydell/node-pty';
import { waitFor } from './wait.ts';

// A native CommonJS package.
const { spawn } = createRequire(import.meta.url)('@lydell/node-pty') as typeof pty;

/** A program in a terminal of its own, as a person has it before them. */
export interface Terminal {
  readonly pid: number;
  /** Types text; `\r` is the Enter key, `\x03` Ctrl-C. */
  type(text: string): void;
  resize(rows: number, columns: number): void;
  /** Waits until what was shown since the last match matches, and returns the match. */
  shows(pattern: RegExp | string): Promise<string>;
  /** All that was shown so far. */
  screen(): string;
  /** The exit code, when all that was written to the terminal is shown and nobody has it open any more. */
  readonly exit: Promise<number>;
  close(): void;
}

export interface TerminalOptions {
  env?: NodeJS.ProcessEnv;
  rows?: number;
  columns?: number;
}

/**
 * node-pty closes the terminal 200 ms after the program's end, whether all was read by then or not: it is left open
 * until reading fails, as it does on Linux when the last one who could write has closed it and all was read.
 */
function readToTheEnd(terminal: pty.IPty): void {
  const { _socket: socket } = terminal as pty.IPty & { _socket: ReadStream };
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => (error || socket.readableEnded ? destroy(error) : socket);
}

export function openTerminal(program: string, args: string[], options: TerminalOptions = {}): Terminal {
  const { env, rows = 24, columns = 80 } = options;
  const terminal = spawn(program, args, { name: 'xterm', rows, cols: columns, env });
  readToTheEnd(terminal);
  let shown = '';
  let seen = 0;
  let ended = false;
  terminal.onData((text) => {
    shown += text;
  });
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      ended = true;
      resolve(signal ? 128 + signal : exitCode);
    });
  });
  const shows = (pattern: RegExp | string) =>
    waitFor(() => {
      const rest = shown.slice(seen);
      const match = typeof pattern === 'string' ? undefined : (pattern.exec(rest) ?? undefined);
      const at = typeof pattern === 'string' ? rest.indexOf(pattern) : (match?.index ?? -1);
      if (at < 0) {
        if (ended) throw new Error(`ended without showing ${pattern}:\n${shown}`);
        return '';
      }
      const text = match?.[0] ?? String(pattern);
      seen += at + text.length;
      return text;
    }, `${pattern} on the terminal`).catch((error: Error) => {
      throw new Error(`${error.message}\n--- shown\n${shown}`);
    });
  return {
    pid: terminal.pid,
    type: (text) => terminal.write(text),
    resize: (newRows, newColumns) => terminal.resize(newColumns, newRows),
    shows,
    screen: () => shown,
    exit,
    close: () => {
      if (!ended) terminal.kill('SIGKILL');
    },
  };
}
