import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from './support/engine.ts';

const directory = mkdtempSync(`${tmpdir()}/davit-test-compiled-`);
const cache = `${directory}/cache`;
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Tells what V8's code is good for, with the flags that the loader sets. */
const tagProgram = `const v8 = require('node:v8');
for (const flag of ['--wasm-tiering-budget=2147483647', '--verify-snapshot-checksum']) v8.setFlagsFromString(flag);
process.stdout.write(v8.cachedDataVersionTag().toString(16));`;

/** Long enough to be kept. */
const padding = `/* ${'-'.repeat(1024)} */`;

beforeEach(() => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const files = {
    'main.cjs': "const { shared } = require('./shared-1.cjs'); shared(process.argv[1] ?? 'none');",
    'shared-1.cjs': `exports.shared = (name) => require(\`./\${name}-1.cjs\`).run();
      exports.path = () => require('node:path').basename(__filename); ${padding}`,
    'ps-1.cjs': `const { path } = require('./shared-1.cjs'); exports.run = () => console.log('ps', path()); ${padding}`,
    'run-1.cjs': `exports.run = () => console.log('run'); ${padding}`,
    'wrong-1.cjs': `exports.run = () => { throw new Error('wrong'); }; ${padding}`,
    'none-1.cjs': 'exports.run = () => {};',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text);
});

/** Runs the bundle in a process of its own. */
function load(name: string, folder: string | null = cache, flags: string[] = []) {
  const program = `require('${root}/bin/load.js').load('${directory}/main.cjs', () => ${JSON.stringify(folder)})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', program, name], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Where code is kept for V8 as it usually runs. */
const usual = `${cache}/${spawnSync(process.execPath, ['-e', tagProgram], { encoding: 'utf8' }).stdout}`;

/** What is kept, and when it was written. */
const kept = (folder = usual) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(`${folder}/${name}`).mtimeMs]));

const good = (stdout: string) => ({ status: 0, stdout, stderr: '' });

describe('the compiled code of a bundle', () => {
  it('is kept for all files but the first and the small ones, and used as it is from then on', () => {
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    const first = kept();
    expect(Object.keys(first)).toEqual(['ps-1.cjs', 'shared-1.cjs']);
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(load('none')).toEqual(good(''));
    expect(kept()).toEqual(first);
  });

  it('grows by what another command runs', () => {
    load('run');
    const before = readFileSync(`${usual}/shared-1.cjs`);
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(Object.keys(kept())).toEqual(['ps-1.cjs', 'run-1.cjs', 'shared-1.cjs']);
    expect(readFileSync(`${usual}/shared-1.cjs`).length).toBeGreaterThan(before.length);
  });

  it('is kept for each set of flags of V8', () => {
    load('ps');
    const first = kept();
    for (const _ of ['compiled', 'from the cache'])
      expect(load('ps', cache, ['--no-opt'])).toEqual(good('ps shared-1.cjs\n'));
    expect(readdirSync(cache)).toHaveLength(2);
    expect(kept()).toEqual(first);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['damaged', (bytes: Buffer) => bytes.map((byte, at) => (at < 64 ? byte : byte ^ 0x55))],
    [
      'something else',
      () => Buffer.from('no code at all, but long enough to be read as if it were some'.repeat(20)),
    ],
  ])('is made anew when it is %s', (_, spoil) => {
    load('ps');
    const whole = readFileSync(`${usual}/ps-1.cjs`);
    writeFileSync(`${usual}/ps-1.cjs`, spoil(whole));
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(readFileSync(`${usual}/ps-1.cjs`).length).toBe(whole.length);
  });

  it('goes when it is old and other code is kept', () => {
    load('run');
    const old = new Date('2020-01-01');
    for (const name of ['run-0.cjs', 'shared-1.cjs']) {
      writeFileSync(`${usual}/${name}`, 'of another version');
      utimesSync(`${usual}/${name}`, old, old);
    }
    mkdirSync(`${cache}/other-flags`);
    writeFileSync(`${cache}/other-flags/run-0.cjs`, 'of another version');
    utimesSync(`${cache}/other-flags`, old, old);
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(Object.keys(kept())).toEqual(['ps-1.cjs', 'run-1.cjs', 'shared-1.cjs']);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('is done without where it cannot be kept', () => {
    writeFileSync(cache, 'a file');
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(load('ps', null)).toEqual(good('ps shared-1.cjs\n'));
  });

  it('leaves no half of it where it cannot be written', () => {
    mkdirSync(`${usual}/shared-1.cjs/in the way`, { recursive: true });
    expect(load('ps')).toEqual(good('ps shared-1.cjs\n'));
    expect(Object.keys(kept())).toEqual(['shared-1.cjs']);
  });

  it('tells the place of an error in the file', () => {
    for (const _ of ['compiled', 'from the cache']) {
      const { status, stderr } = load('wrong');
      expect(status).toBe(1);
      expect(stderr).toContain(`${directory}/wrong-1.cjs:1:29`);
    }
  });

  it('says which file is missing', () => {
    expect(load('gone').stderr).toContain(`${directory}/gone-1.cjs`);
  });
});
