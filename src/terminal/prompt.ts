import type { Readable } from 'node:stream';
import { Interrupted } from '../exit.ts';
import type { Streams } from './streams.ts';

const keys = { interrupt: 3, end: 4, backspace: [8, 127], kill: 21 };

/** What a terminal does that is not in raw mode: takes back what was typed, a character or all of it. */
function edited(typed: Buffer): string {
  const characters: string[] = [];
  for (const character of typed.toString()) {
    const code = character.codePointAt(0) ?? 0;
    if (keys.backspace.includes(code)) characters.pop();
    else if (code === keys.kill) characters.length = 0;
    else characters.push(character);
  }
  return characters.join('');
}

/** Reads one line, byte by byte as it comes: what follows it stays for the next to read. */
async function readLine(input: Readable): Promise<Buffer> {
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
    const end = chunk.findIndex(
      (byte) => byte === 10 || byte === 13 || byte === keys.interrupt || byte === keys.end,
    );
    if (end === -1) {
      bytes.push(chunk);
      continue;
    }
    if (chunk[end] === keys.interrupt) throw new Interrupted('SIGINT');
    bytes.push(chunk.subarray(0, end));
    if (end + 1 < chunk.length) input.unshift(chunk.subarray(end + 1));
    break;
  }
  return Buffer.concat(bytes);
}

/** Asks a question on standard output; returns what was typed, or '' at the end of input. */
export async function ask({ in: input, out }: Streams, question: string): Promise<string> {
  await out.write(question);
  return (await readLine(input.stream)).toString().trim();
}

/** Asks for something that is not shown while it is typed. */
export async function askSecretly({ in: input, out }: Streams, question: string): Promise<string> {
  // Before the question: who answers at once is not shown either.
  input.setRaw(true);
  try {
    await out.write(question);
    return edited(await readLine(input.stream)).trim();
  } finally {
    input.setRaw(false);
    await out.line();
  }
}

/** Asks whether to go on; anything but y and yes is a no. */
export async function confirm(streams: Streams, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(streams, `${question} [y/N] `));
}
