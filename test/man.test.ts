import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { foreignSettings, settings } from '@davit/engine/settings';
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

it('has a page of every command and noun, of the engine and of files', () => {
  const verbs = groups.flatMap((group) =>
    group.commands.filter(({ hidden }) => !hidden).map(({ name }) => `${group.name}-${name}`),
  );
  const names = [...commands, ...groups].map(({ name }) => name);
  const wanted = [...names, ...verbs].map((name) => `davit-${name}.1`);
  const others = ['davit.1', 'davit-config.5', 'davit-templates.7', 'davitd.8'];
  const all = new Set([...wanted, ...others].map((name) => `${directory}/${name}`));
  expect(pages.toSorted()).toEqual([...all].toSorted());
});

it('pleases mandoc and man', async () => {
  expect((await run('mandoc', ['-Tlint', '-Wwarning', ...pages], { env })).stdout).toBe('');
  // man takes half a second for a page; what is behind it reads all of them at once.
  expect((await run('groff', ['-man', '-Kutf8', '-ww', '-z', '-Tutf8', ...pages], { env })).stderr).toBe('');
});

/** A page as man shows it, without what makes it bold. */
async function shown(name: string): Promise<string> {
  const { stdout } = await run('man', ['-l', `${directory}/${name}`], { env });
  return stdout.replace(/.\x08/g, '');
}

it('tells of every flag and key of davitd', async () => {
  const text = await shown('davitd.8');
  const lines = text.split('\n').map((line) => line.trim());
  for (const { key, flags } of settings) {
    const term = flags.replace(/[<>]/g, '');
    expect(lines.some((line) => line === term || line.startsWith(`${term}  `) || term === '')).toBe(true);
    expect(text).toMatch(new RegExp(`^ {7}${key}\\b`, 'm'));
  }
  for (const flag of ['--config-file file', '--validate', '--check-store', '--repair', '-v, --version'])
    expect(text).toMatch(new RegExp(`^ {7}${flag}`, 'm'));
  for (const { key } of foreignSettings) expect(text.replace(/‐\n +/g, '')).toContain(`, ${key}\n`);
});

it('tells of config.json what help tells', async () => {
  expect(await shown('davit-config.5')).toMatch(
    /CONNECTIONS\n +currentContext\n +Name of the context in use/,
  );
  expect(await shown('davit.1')).toMatch(/^ENVIRONMENT\n +Which engine\n +DOCKER_HOST\n/m);
});

it('says what help says', async () => {
  const text = await shown('davit-exec.1');
  expect(text).toContain('davit exec [OPTIONS] CONTAINER COMMAND [ARG...]');
  expect(text).toMatch(/-e, --env name\[=value\]\n +Set an environment variable\./);
  expect(text).toContain('Also called: davit container exec.');
});
