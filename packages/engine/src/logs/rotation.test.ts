import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJournal } from './journal.ts';
import type { LogLimits } from './limits.ts';
import { openReading, type ReadOptions } from './read.ts';
import { type Rotation, startRotation } from './rotation.ts';

let folder: string;
let path: string;
const rotations: Rotation[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-rotation-'));
  path = join(folder, 'ctr.log');
});
afterEach(async () => {
  for (const rotation of rotations.splice(0)) await rotation.settle();
  await rm(folder, { recursive: true });
});

const entry = (text: string) => `2026-11-25T07:00:01.000000000+00:00 stdout F ${text}\n`;

/** Writes a log as the monitor does, and begins a new file when it is told so, at once or when it is `released`. */
async function monitor() {
  let file: FileHandle = await open(path, 'a', 0o600);
  let reopened = 0;
  let gate: Promise<void> = Promise.resolve();
  const begin = async () => {
    await gate;
    await file.close();
    file = await open(`${path}.tmp`, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    await rename(`${path}.tmp`, path);
    reopened += 1;
  };
  let last: Promise<unknown> = Promise.resolve();
  const queue = (work: () => Promise<unknown>) => {
    last = last.then(work);
    return last;
  };
  return {
    write: (text: string) => queue(() => file.write(entry(text))),
    writer: {
      async reopen() {
        void queue(begin);
        return true;
      },
      isAsked: async () => false,
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    reopened: () => reopened,
    end: () => queue(() => file.close()),
  };
}

function begin(limits: LogLimits, writer: Parameters<typeof startRotation>[2]) {
  const journal = createJournal(path, true);
  const rotation = startRotation(journal, limits, writer);
  rotations.push(rotation);
  return { journal, rotation };
}

async function read(journal: ReturnType<typeof createJournal>, options: Partial<ReadOptions> = {}) {
  const form = {
    ...{ stdout: true, stderr: true, timestamps: false, details: null, frames: null },
    ...{ since: null, until: null },
  };
  const all = { form, tail: null, follow: null, signal: new AbortController().signal, ...options };
  const reading = await openReading(journal, all);
  return {
    async text() {
      let text = '';
      for await (const block of reading.blocks()) text += block.toString();
      return text.split('\n').slice(0, -1);
    },
  };
}

/** Texts of one length, so that the lines of a file can be counted. */
const name = (number: number) => String(number).padStart(4, '0');
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => name(from + index));
const size = (lines: number) => entry(name(1)).length * lines;
const files = async () => (await readdir(folder)).sort();

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await pause(2);
}

test.each([1, 3])('%d files are kept, and who follows gets every line once', async (maxFiles) => {
  const { write, writer, end, reopened } = await monitor();
  const { journal, rotation } = begin({ maxSize: size(100), maxFiles, compress: false }, writer);
  const over = Promise.withResolvers<void>();
  const reader = await read(journal, { follow: over.promise });
  const late = await read(journal, { follow: over.promise, tail: 0 });
  const following = reader.text();
  for (let number = 1; number <= 1500; number++) {
    await write(name(number));
    if (number % 100 === 0) await until(() => reopened() >= number / 100);
  }
  await end();
  await rotation.settle();
  over.resolve();
  expect(await following).toEqual(numbers(1500));
  // One that was opened early and is read late has what is long removed.
  expect(await late.text()).toEqual(numbers(1500));
  expect(reopened()).toBe(15);
  expect(await files()).toEqual(['ctr.log', 'ctr.log.14', 'ctr.log.15'].slice(0, maxFiles));
  const kept = await (await read(journal)).text();
  expect(kept).toEqual(numbers((maxFiles - 1) * 100, 1501 - (maxFiles - 1) * 100));
  for (const tail of [0, 1, 50, 99, 100, 101, 150, 1000]) {
    expect(await (await read(journal, { tail })).text()).toEqual(tail === 0 ? [] : kept.slice(-tail));
  }
});

test('packed files are read as the others', async () => {
  const { write, writer, end, reopened } = await monitor();
  const { journal, rotation } = begin({ maxSize: size(30), maxFiles: 4, compress: true }, writer);
  for (let number = 1; number <= 90; number++) {
    await write(name(number));
    if (number % 30 === 0) {
      await until(() => reopened() >= number / 30);
      const isPacked = async () =>
        (await files()).filter((file) => file.endsWith('.gz')).length === number / 30;
      await until(async () => (await isPacked()) && !(await files()).includes(`ctr.log.${number / 30}`));
    }
  }
  await write(name(91));
  expect(await files()).toEqual(['ctr.log', 'ctr.log.1.gz', 'ctr.log.2.gz', 'ctr.log.3.gz']);
  expect(await (await read(journal)).text()).toEqual(numbers(91));
  expect(await (await read(journal, { tail: 40 })).text()).toEqual(numbers(40, 52));
  await end();
  await rotation.settle();
  expect(await files()).toHaveLength(4);
});

test('a log of which nobody knows whether its monitor was asked is not asked for twice', async () => {
  const { write, writer, hold, end, reopened } = await monitor();
  const release = hold();
  const first = begin({ maxSize: size(2), maxFiles: 3, compress: false }, writer);
  await write(name(1));
  await write(name(2));
  await until(async () => (await files()).includes('ctr.log.1'));
  first.rotation.leave();
  let asked = 0;
  const second = begin(
    { maxSize: size(2), maxFiles: 3, compress: false },
    { reopen: async () => ++asked > 0, isAsked: async () => true },
  );
  const reader = await (await read(second.journal)).text();
  expect(reader).toEqual([name(1), name(2)]);
  release();
  await until(() => reopened() === 1);
  await write(name(3));
  await end();
  await second.rotation.settle();
  expect(asked).toBe(0);
  expect(await (await read(second.journal)).text()).toEqual([name(1), name(2), name(3)]);
  expect(await files()).toEqual(['ctr.log', 'ctr.log.1']);
});

test('a monitor that is gone before it was heard leaves one file, and one that did what it was told two', async () => {
  const { write, writer, hold, reopened } = await monitor();
  const release = hold();
  const { rotation, journal } = begin({ maxSize: size(1), maxFiles: 3, compress: false }, writer);
  await write(name(1));
  await until(async () => (await files()).includes('ctr.log.1'));
  await rotation.settle();
  expect(await files()).toEqual(['ctr.log']);
  expect(await (await read(journal)).text()).toEqual([name(1)]);
  release();
  await until(() => reopened() === 1);
});

test('a follower whose container ends in the middle of a change gets the last lines, too', async () => {
  const { write, writer, hold, end, reopened } = await monitor();
  const release = hold();
  const { rotation, journal } = begin({ maxSize: size(1), maxFiles: 1, compress: false }, writer);
  const over = Promise.withResolvers<void>();
  const following = (await read(journal, { follow: over.promise })).text();
  await write(name(1));
  await until(async () => (await files()).includes('ctr.log.1'));
  const written = [write(name(2)), write(name(3)), end()];
  release();
  await Promise.all(written);
  await until(() => reopened() === 1);
  await rotation.settle();
  over.resolve();
  expect(await following).toEqual([name(1), name(2), name(3)]);
  expect(await files()).toEqual(['ctr.log']);
});

test('leftovers of a crash are tidied up', async () => {
  const { write, writer, end } = await monitor();
  await write(name(9));
  await writeFile(`${path}.4`, entry(name(4)));
  await writeFile(`${path}.5`, entry(name(5)));
  await writeFile(`${path}.6`, entry(name(6)));
  await writeFile(`${path}.tmp`, '');
  await end();
  const { rotation, journal } = begin({ maxSize: 5000, maxFiles: 2, compress: false }, writer);
  await rotation.settle();
  expect(await files()).toEqual(['ctr.log', 'ctr.log.6']);
  expect(await (await read(journal)).text()).toEqual([name(6), name(9)]);
});
