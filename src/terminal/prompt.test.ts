import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { askSecretly } from './prompt.ts';
import { createInput, createOutput } from './streams.ts';

/** A terminal on which a person answers a question as soon as it is shown; returns what became of it, in order. */
async function answerAtOnce(answer: string): Promise<string[]> {
  const seen: string[] = [];
  const typed = Object.assign(new PassThrough(), {
    ...{ isTTY: true, isRaw: false },
    setRawMode(raw: boolean) {
      typed.isRaw = raw;
      seen.push(raw ? 'raw' : 'as before');
    },
  });
  const shown = new Writable({
    write(chunk, _encoding, done) {
      seen.push(String(chunk));
      if (String(chunk).endsWith(': ')) typed.write(answer);
      done();
    },
  });
  const [out, err] = [createOutput(shown, {}), createOutput(new PassThrough(), {})];
  const got = await askSecretly({ in: createInput(() => typed), out, err }, 'Password: ');
  return [...seen, got];
}

test('a secret is not shown, however soon it is typed', async () => {
  expect(await answerAtOnce('secrex\x7ft\r')).toEqual(['raw', 'Password: ', 'as before', '\n', 'secret']);
});
