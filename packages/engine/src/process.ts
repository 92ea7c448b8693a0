import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

export interface RunOptions {
  /** Written to the child's standard input, which is /dev/null otherwise. */
  input?: string | Readable;
  /** The child's environment; the engine's own when left out. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  signal?: AbortSignal;
}

/** A program that the engine needs and that this machine does not have. */
export class ProgramMissing extends Error {
  override name = 'ProgramMissing';
  readonly program: string;

  constructor(program: string) {
    super(`the program ${program} is not installed`);
    this.program = program;
  }
}

/** A program that ended with a code other than 0, or by a signal. */
export class ProgramFailed extends Error {
  override name = 'ProgramFailed';
  readonly stderr: string;

  constructor(program: string, ending: string, stderr: string) {
    super(`${program} ${ending}${stderr ? `: ${stderr}` : ''}`);
    this.stderr = stderr;
  }
}

const mostOutput = 16 * 1024 * 1024;

/**
 * Runs a program to its end with an argument array, never through a shell, and returns what it printed to
 * standard output. Throws ProgramMissing or ProgramFailed.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: options.env,
      cwd: options.cwd,
      signal: options.signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > mostOutput) child.kill('SIGKILL');
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < mostOutput) stderr += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new ProgramMissing(program) : error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new ProgramFailed(
            program,
            signal ? `was ended by ${signal}` : `exited with code ${code}`,
            stderr.trim(),
          ),
        );
    });
    if (child.stdin) {
      // A child that ends early closes its input: its exit code tells the story, not EPIPE.
      child.stdin.on('error', () => undefined);
      if (typeof options.input === 'string') child.stdin.end(options.input);
      else if (options.input) {
        const source = options.input.pipe(child.stdin);
        finished(options.input).catch(() => source.destroy());
      }
    }
  });
}
