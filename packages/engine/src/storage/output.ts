import { closeSync, read as readBytes } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { openPipe, widenPipe } from '../kernel/pipe.ts';
import { start } from '../process.ts';

export interface OutputOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /**
   * Whether pieces are good until the next one is asked for only. The same memory is then used again and again, and
   * nothing has to be collected.
   */
  lend: boolean;
  /** Throws when the program did not do what it should: told of its code, null for a signal, and its complaints. */
  judge(code: number | null, complaint: string): void;
}

const read = promisify(readBytes);

/** A pipe holds this much, and a piece is never larger. */
const pipeSize = 512 * 1024;
/** Smaller pieces are copies: a stream that takes one may let its giver go on before it is written. */
const smallestLent = 128 * 1024;
const mostComplaint = 4096;

/**
 * What a program prints, in large pieces: the next one is read, on a thread of the pool, while one is dealt with. Ends
 * the program when nobody wants more. Throws ProgramMissing, and what `judge` throws.
 */
export async function* outputOf(
  program: string,
  args: readonly string[],
  { cwd, env, lend, judge }: OutputOptions,
): AsyncGenerator<Buffer> {
  const { readEnd, writeEnd } = openPipe(3);
  let reading: Promise<Buffer> | undefined;
  try {
    widenPipe(readEnd, pipeSize);
    const child = spawn(program, args, writeEnd, { cwd, env });
    let isOver = false;
    try {
      // One is lent while the other is filled.
      const memory = lend ? [Buffer.allocUnsafeSlow(pipeSize), Buffer.allocUnsafeSlow(pipeSize)] : [];
      const next = async (): Promise<Buffer> => {
        const buffer = memory[0] ?? Buffer.allocUnsafeSlow(pipeSize);
        memory.reverse();
        const { bytesRead } = await read(readEnd, buffer, 0, pipeSize, null);
        const piece = buffer.subarray(0, bytesRead);
        return bytesRead < smallestLent ? Buffer.from(piece) : piece;
      };
      const readOn = () => {
        reading = next();
        // It is told to whoever asks for the piece.
        reading.catch(() => undefined);
      };
      readOn();
      for (let piece = await reading; piece && piece.length > 0; piece = await reading) {
        readOn();
        yield piece;
      }
      isOver = true;
    } finally {
      if (!isOver) child.kill('SIGKILL');
      // A thread may still be reading from the pipe, whose end comes with that of the program.
      await reading?.catch(() => undefined);
      const complaint = await child.complaint;
      const { code } = await child.wait();
      if (isOver) judge(code, complaint);
    }
  } finally {
    closeSync(readEnd);
  }
}

function spawn(
  program: string,
  args: readonly string[],
  output: number,
  options: Pick<OutputOptions, 'cwd' | 'env'>,
) {
  try {
    const { pipes, kill, wait } = start(program, args, {
      ...options,
      descriptors: ['null', output, 'writes'],
    });
    return { kill, wait, complaint: complaintIn(pipes[2]) };
  } finally {
    closeSync(output);
  }
}

/** The beginning of what a program complains of, when it is over. */
function complaintIn(pipe: Readable | null | undefined): Promise<string> {
  return new Promise((resolve) => {
    let complaint = '';
    pipe?.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < mostComplaint) complaint += text;
    });
    pipe?.once('close', () => resolve(complaint));
  });
}
