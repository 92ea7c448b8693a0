import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { waitFor } from './wait.ts';

export interface Result {
  /** Exit code; 128 + n when signal n ended the program, as a shell says it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  input?: string | Buffer | Readable;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Milliseconds after which the program is killed and the test fails with what it printed. */
  timeout?: number;
}

/** A program that still runs: its output so far, and ways to wait for more. */
export interface Background {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until standard output matches. */
  prints(pattern: RegExp | string): Promise<true>;
  signal(name: NodeJS.Signals): void;
  /** The result, when the program has ended. */
  readonly done: Promise<Result>;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** Starts a program and keeps what it prints. */
export function start(program: string, args: readonly string[], options: CommandOptions = {}): Background {
  const { input, env, cwd, timeout = 60_000 } = options;
  const child = spawn(program, args, {
    env,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (child.stdin && input !== undefined) {
    // A program that ends early closes its input; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    if (input instanceof Readable) input.pipe(child.stdin);
    else child.stdin.end(input);
  }
  const says = () => `${[program, ...args].join(' ')}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
  const finish = async (): Promise<Result> => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeout);
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    if (late) throw new Error(`still running after ${timeout} ms: ${says()}`);
    return { code: code ?? 128 + (signalNumbers[signal ?? 'SIGKILL'] ?? 0), stdout, stderr };
  };
  const done = finish();
  done.catch(() => undefined);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    prints: (pattern) =>
      waitFor(() => {
        if (typeof pattern === 'string' ? stdout.includes(pattern) : pattern.test(stdout)) return true;
        if (child.exitCode !== null) throw new Error(`ended without printing ${pattern}: ${says()}`);
        return false;
      }, `${pattern} in the output`),
    signal: (name) => child.kill(name),
    done,
  };
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Result> {
  return start(program, args, options).done;
}
