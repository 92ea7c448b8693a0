import type { Readable } from 'node:stream';
import { Interrupted } from '../exit.ts';
import type { Streams } from './streams.ts';

/** Reads one line, byte by byte as it comes: what follows it stays for the next to read. */
async function readLine(input: Readable): Promise<string> {
  const bytes: Buffer[] = [];
  for (;;) {
    const chunk: Buffer | null = input.read();
    if (chunk === null) {
      if (input.readableEnded || input.destroyed) break;
      await new Promise<void>((resolve) => {
        const go = () => {
          input.off('readable', go).off('end', go).off('close', go);
          resolve();
        };
        input.on('readable', go).on('end', go).on('close', go);
      });
      continue;
    }
    const end = chunk.findIndex((byte) => byte === 10 || byte === 13 || byte === 3 || byte === 4);
    if (end === -1) {
      bytes.push(chunk);
      continue;
    }
    if (chunk[end] === 3) throw new Interrupted('SIGINT');
    bytes.push(chunk.subarray(0, end));
    if (end + 1 < chunk.length) input.unshift(chunk.subarray(end + 1));
    break;
  }
  return Buffer.concat(bytes).toString().trim();
}

/** Asks a question on standard output; returns what was typed, or '' at the end of input. */
export async function ask({ in: input, out }: Streams, question: string): Promise<string> {
  await out.write(question);
  return readLine(input.stream);
}

/** Asks for something that is not shown while it is typed. */
export async function askSecretly({ in: input, out }: Streams, question: string): Promise<string> {
  await out.write(question);
  input.setRaw(true);
  try {
    return await readLine(input.stream);
  } finally {
    input.setRaw(false);
    await out.line();
  }
}

/** Asks whether to go on; anything but y and yes is a no. */
export async function confirm(streams: Streams, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(streams, `${question} [y/N] `));
}
