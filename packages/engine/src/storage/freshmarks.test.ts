import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFreshMarks } from './freshmarks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'davit-marks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('stay until the file system was synced, once for all that came meanwhile', async () => {
  const synced: string[][] = [];
  const marks = openFreshMarks(folder, async () => void synced.push(readdirSync(folder).sort()));
  await Promise.all(['a', 'b'].map(marks.mark));
  expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
  expect(synced).toEqual([['a', 'b']]);
  expect([...marks.doubtful()]).toEqual([]);
});

test('are doubtful after the machine went down, also when they were written in part', async () => {
  writeFileSync(join(folder, 'before'), 'another boot');
  writeFileSync(join(folder, 'empty'), '');
  await openFreshMarks(folder, () => new Promise(() => undefined)).mark('now');
  const marks = openFreshMarks(folder, async () => undefined);
  expect([...marks.doubtful()].sort()).toEqual(['before', 'empty']);
  marks.forget('empty');
  expect(readdirSync(folder).sort()).toEqual(['before', 'now']);
  marks.trustAll();
  expect(marks.doubtful().size).toBe(0);
  await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
});

test('stay for what is marked again while the file system is synced', async () => {
  const { promise: synced, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let rounds = 0;
  const marks = openFreshMarks(folder, async () => {
    begin();
    if (rounds++ === 0) await synced;
    else expect(readdirSync(folder)).toEqual(['a']);
  });
  await marks.mark('a');
  await marks.mark('b');
  await begun;
  await marks.mark('a');
  finish();
  await expect.poll(() => readdirSync(folder)).toEqual(['a']);
  await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
  expect(rounds).toBe(2);
});
