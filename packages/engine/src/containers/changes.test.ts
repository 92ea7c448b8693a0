import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compare } from './changes.ts';

let home: string;
const place = (root: string, path: string, content = '') => {
  mkdirSync(dirname(join(home, root, path)), { recursive: true });
  writeFileSync(join(home, root, path), content);
  utimesSync(join(home, root, path), 1e9, 1e9);
};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'davit-changes-'));
  for (const root of ['upper', 'base', 'merged']) mkdirSync(join(home, root));
});
afterEach(() => rmSync(home, { recursive: true }));

const list = async () => {
  const roots = { upper: join(home, 'upper'), base: join(home, 'base'), merged: join(home, 'merged') };
  return (await compare(roots)).map(({ Path, Kind }) => `${'CAD'[Kind]} ${Path}`);
};

it('tells what was added, changed and left as it was, folders before what is in them', async () => {
  for (const root of ['upper', 'base', 'merged']) place(root, 'etc/same', 'x');
  place('base', 'etc/old', 'x');
  place('upper', 'etc/old', 'longer');
  place('merged', 'etc/old', 'longer');
  for (const root of ['upper', 'merged']) place(root, 'new/deep/file');
  expect(await list()).toEqual(['C /etc', 'C /etc/old', 'A /new', 'A /new/deep', 'A /new/deep/file']);
});

it('does not tell of what was written without a change', async () => {
  for (const root of ['upper', 'base', 'merged']) place(root, 'etc/same', 'x');
  expect(await list()).toEqual([]);
  chmodSync(join(home, 'upper/etc'), 0o700);
  expect(await list()).toEqual(['C /etc']);
});

it('finds what a folder that was made anew hides', async () => {
  place('base', 'etc/a');
  place('base', 'etc/b');
  for (const root of ['upper', 'merged']) place(root, 'etc/b', 'new');
  expect(await list()).toEqual(['C /etc', 'D /etc/a', 'C /etc/b']);
});

it('takes a folder in the place of a file for a change with additions', async () => {
  place('base', 'bin/awk', 'x');
  for (const root of ['upper', 'merged']) place(root, 'bin/awk/inner');
  expect(await list()).toEqual(['C /bin', 'C /bin/awk', 'A /bin/awk/inner']);
});

it('does not follow links', async () => {
  for (const root of ['upper', 'merged']) symlinkSync('/etc', join(home, root, 'link'));
  expect(await list()).toEqual(['A /link']);
});
