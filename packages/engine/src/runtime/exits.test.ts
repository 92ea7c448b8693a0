import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExitStore } from './exits.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'davit-exits-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Leaves an exit code as conmon does. */
function leave(path: string, code: number): void {
  writeFileSync(`${path}.TMP123`, String(code));
  renameSync(`${path}.TMP123`, path);
}

describe('exit codes', () => {
  it('of the past and of the future are told, each once', async () => {
    leave(join(folder, 'early'), 7);
    const store = createExitStore(folder);
    const told: [string, number][] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = store.watch((id, code) => {
      told.push([id, code]);
      if (told.length === 3) resolve();
    });
    expect(told).toEqual([['early', 7]]);
    const execFolder = store.prepareExec('exec1');
    leave(join(folder, 'late'), 137);
    leave(join(execFolder, 'container'), 4);
    await promise;
    stop();
    expect(told.slice(1).sort()).toEqual([
      ['exec1', 4],
      ['late', 137],
    ]);
    expect(store.read('late')).toBe(137);
    expect(store.read('exec1')).toBe(4);
  });

  it('of an exec that outlived the engine are told', async () => {
    const before = createExitStore(folder);
    const execFolder = before.prepareExec('exec1');
    const store = createExitStore(folder);
    const heard = new Promise((resolve) => store.watch((id, code) => resolve([id, code])));
    leave(join(execFolder, 'container'), 3);
    expect(await heard).toEqual(['exec1', 3]);
  });

  it('are gone once they are removed', () => {
    const store = createExitStore(folder);
    leave(join(folder, 'c1'), 1);
    store.remove('c1');
    store.remove('never');
    expect(store.read('c1')).toBeNull();
  });
});
