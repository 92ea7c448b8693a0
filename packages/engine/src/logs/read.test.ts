import { appendFile, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogForm } from './format.ts';
import { createJournal } from './journal.ts';
import { type ReadOptions, readLog } from './read.ts';
import { createTailFinder, parseTail } from './tail.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-logs-'));
  path = join(folder, 'ctr.log');
});
afterEach(() => rm(folder, { recursive: true }));

const form: LogForm = {
  stdout: true,
  stderr: true,
  timestamps: false,
  details: null,
  frames: null,
  since: null,
  until: null,
};
const entry = (text: string, tag = 'F', stream = 'stdout') =>
  `2026-11-25T07:00:01.000000000+00:00 ${stream} ${tag} ${text}\n`;

async function read(options: Partial<ReadOptions> = {}): Promise<string> {
  const chunks: Buffer[] = [];
  const all = { form, tail: null, follow: null, signal: new AbortController().signal, ...options };
  for await (const chunk of readLog(createJournal(path, false), all)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a log of many blocks comes whole', async () => {
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number} ${'x'.repeat(number % 97)}`);
  await writeFile(path, lines.map((line) => entry(line)).join(''));
  expect(await read()).toBe(`${lines.join('\n')}\n`);
  expect(await read({ tail: 3 })).toBe(`${lines.slice(-3).join('\n')}\n`);
  expect(await read({ tail: 15_000 })).toBe(`${lines.slice(-15_000).join('\n')}\n`);
});

test('a container that never ran has no log, and a link is not followed', async () => {
  expect(await read()).toBe('');
  await symlink('/etc/passwd', path);
  await expect(read()).rejects.toThrow('ELOOP');
});

test('garbage without an end does not fill the memory and hides nothing', async () => {
  await writeFile(path, `${'x'.repeat(700_000)}\n${entry('here')}`);
  expect(await read()).toBe('here\n');
});

test('a followed log ends when it is over, and not before everything was read', async () => {
  const end = Promise.withResolvers<void>();
  await writeFile(path, entry('one'));
  const reading = read({ follow: end.promise });
  for (let number = 0; number < 200; number++) {
    await appendFile(path, entry(`more ${number}`));
    if (number % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  end.resolve();
  const lines = (await reading).split('\n');
  expect(lines).toHaveLength(202);
  expect(lines[200]).toBe('more 199');
});

test('an entry that is written in two pieces is read as one', async () => {
  const end = Promise.withResolvers<void>();
  const whole = entry('in two pieces');
  await writeFile(path, whole.slice(0, 50));
  const reading = read({ follow: end.promise });
  await new Promise((resolve) => setTimeout(resolve, 10));
  await appendFile(path, whole.slice(50));
  end.resolve();
  expect(await reading).toBe('in two pieces\n');
});

test('whoever follows can leave', async () => {
  await writeFile(path, entry('one'));
  const leaving = new AbortController();
  const reading = read({ follow: new Promise(() => undefined), signal: leaving.signal });
  await new Promise((resolve) => setTimeout(resolve, 10));
  leaving.abort();
  expect(await reading).toBe('one\n');
});

test.each([7, 50, 64, 100, 10_000])('the last lines are found with blocks of %d bytes', async (blockSize) => {
  const text = [
    entry('first'),
    entry('part', 'P'),
    entry('rest'),
    entry(''),
    entry('last', 'F', 'stderr'),
    entry('open', 'P'),
  ];
  const position = (from: number, to: number) => text.slice(from, to).join('').length;
  const expected = [6, 5, 4, 3, 1, null, null];
  // In one file, and in two that are cut anywhere: also within a line, and before the first and after the last.
  for (let cut = 0; cut <= text.length; cut++) {
    await writeFile(`${path}.1`, text.slice(0, cut).join(''));
    await writeFile(path, text.slice(cut).join(''));
    const [older, newer] = [await open(`${path}.1`), await open(path)];
    for (const [lines, first] of expected.entries()) {
      const finder = createTailFinder(lines, blockSize);
      const found = await finder.search(newer);
      const where = found ?? (await finder.search(older));
      if (first === null) expect(where).toBeNull();
      // The end of one file and the beginning of the next are the same place.
      else if (first === cut) expect([0, position(0, cut)]).toContain(where);
      else expect(where).toBe(first > cut ? position(cut, first) : position(0, first));
    }
    await Promise.all([older.close(), newer.close()]);
  }
});

test('an entry that is being written does not count', async () => {
  await writeFile(path, `${entry('one')}${entry('two')}${entry('three').slice(0, 20)}`);
  const file = await open(path);
  expect(await createTailFinder(0).search(file)).toBe(entry('one').length * 2);
  expect(await createTailFinder(1).search(file)).toBe(entry('one').length);
  await file.close();
});

test('tail is a number, or everything', () => {
  expect(parseTail('10')).toBe(10);
  for (const text of ['all', '', '-1', 'abc', '1.5']) expect(parseTail(text)).toBeNull();
});
