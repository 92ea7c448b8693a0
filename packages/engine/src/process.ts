import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SystemCallFailed } from './kernel/libc.ts';
import { type SpawnedProcess, type SpawnOptions, spawnProcess } from './kernel/spawn.ts';

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

/** Starts a program like `spawnProcess`; throws ProgramMissing when it is not there. */
export function start(program: string, args: readonly string[], options: SpawnOptions): SpawnedProcess {
  try {
    return spawnProcess(program, args, options);
  } catch (error) {
    if (error instanceof SystemCallFailed && error.code === 'ENOENT') throw new ProgramMissing(program);
    throw error;
  }
}

/**
 * Runs a program to its end with an argument array, never through a shell, and returns what it printed to
 * standard output. Throws ProgramMissing or ProgramFailed, or the signal's reason when that ended it.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { input, env, cwd, signal } = options;
  signal?.throwIfAborted();
  const child = start(program, args, {
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    descriptors: [input === undefined ? 'null' : 'reads', 'writes', 'writes'],
  });
  const [stdin, stdout, stderr] = child.pipes;
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  try {
    feed(stdin, input);
    const [output, complaint] = await Promise.all([
      collect(stdout, kill),
      // Of a flood of complaints the beginning is enough.
      collect(stderr, () => undefined),
    ]);
    const { code, signal: ended } = await child.wait();
    signal?.throwIfAborted();
    if (code === 0) return output;
    const ending = ended ? `was ended by ${ended}` : `exited with code ${code}`;
    throw new ProgramFailed(program, ending, complaint.trim());
  } finally {
    signal?.removeEventListener('abort', kill);
    stdin?.destroy();
  }
}

/** Reads a pipe to its end; calls `tooMuch` for what goes beyond what is kept. */
function collect(pipe: Readable | null | undefined, tooMuch: () => void): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    pipe?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < mostOutput) text += chunk;
      else tooMuch();
    });
    pipe?.once('close', () => resolve(text));
  });
}

function feed(stdin: SpawnedProcess['pipes'][number] | undefined, input: RunOptions['input']): void {
  // A child that ends early closes its input: its exit code tells the story, not EPIPE.
  stdin?.on('error', () => undefined);
  if (typeof input === 'string') stdin?.end(input);
  else if (input && stdin) {
    input.pipe(stdin);
    finished(input).catch(() => stdin.destroy());
  }
}
