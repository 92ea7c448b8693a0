import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commands, groups } from '../src/program.ts';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';

const directory = mkdtempSync(`${tmpdir()}/davit-test-man-`);
const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', MANWIDTH: '80' };
let pages: string[] = [];

beforeAll(async () => {
  const { code, stderr } = await run(process.execPath, [`${root}/scripts/man.ts`, directory], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  pages = readdirSync(directory).map((name) => `${directory}/${name}`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('has a page of every command', () => {
  const verbs = groups.flatMap((group) =>
    group.commands.filter(({ hidden }) => !hidden).map(({ name }) => `${group.name}-${name}`),
  );
  const wanted = [...commands.map(({ name }) => name), ...verbs].map(
    (name) => `${directory}/davit-${name}.1`,
  );
  expect(pages).toEqual(expect.arrayContaining([`${directory}/davit.1`, ...wanted]));
});

it('pleases mandoc and man', async () => {
  expect((await run('mandoc', ['-Tlint', '-Wwarning', ...pages], { env })).stdout).toBe('');
  // man takes half a second for a page; what is behind it reads all of them at once.
  expect((await run('groff', ['-man', '-Kutf8', '-ww', '-z', '-Tutf8', ...pages], { env })).stderr).toBe('');
});

it('says what help says', async () => {
  const { stdout } = await run('man', ['-l', `${directory}/davit-exec.1`], { env });
  const text = stdout.replace(/.\x08/g, '');
  expect(text).toContain('davit exec [OPTIONS] CONTAINER COMMAND [ARG...]');
  expect(text).toMatch(/-e, --env name\[=value\]\n +Set an environment variable\./);
  expect(text).toContain('Also called: davit container exec.');
});
