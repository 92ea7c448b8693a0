import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileAnswers } from './hostile/answers.ts';
import { hostileArchives } from './hostile/archives.ts';
import { hostileTars } from './hostile/tars.ts';
import { type Background, run, start } from './support/command.ts';
import { root } from './support/engine.ts';
import { useEngine } from './support/use-engine.ts';

/*
 * Registries and archives that are out to harm. Whatever they do is refused with one clear line, and nothing of it is
 * left behind. The engine has a small disk of its own, so that bombs go off early.
 */
const { davit, engine } = await useEngine({ engine: 'davitd', client: 'davit' });
const port = 5000;
const address = `127.0.0.1:${port}`;
const program = new URL('hostile/registry.ts', import.meta.url).pathname;
let registry: Background;

// Engines of other tests that start meanwhile see it too: it has no name that says whose it is.
const disk = mkdtempSync(`${tmpdir()}/davit-small-disk-`);
await run('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk]);
symlinkSync(disk, engine.dataRoot);

beforeAll(async () => {
  const [node = '', ...rest] = engine.network.enter([process.execPath, program, '127.0.0.1', String(port)]);
  registry = start(node, rest, { env: process.env, timeout: 600_000 });
  await registry.prints('listening');
  mkdirSync(`${engine.directory}/home/.docker`);
  const auth = Buffer.from('user:secret').toString('base64');
  writeFileSync(
    `${engine.directory}/home/.docker/config.json`,
    JSON.stringify({ auths: { [address]: { auth } } }),
  );
});

afterAll(async () => {
  registry.signal('SIGTERM');
  await registry.done;
  await engine.stop();
  rmSync(engine.dataRoot);
  await run('umount', [disk]);
  rmdirSync(disk);
  await engine.start();
});

/** Expects one line that says why something was refused. */
function isLine(text: string, says: RegExp): void {
  expect(text.trimEnd()).toMatch(says);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  expect(text.length).toBeLessThan(1500);
}

/** Expects that the engine refuses what it is sent, without any client in between. */
async function refuses(path: string, says: RegExp, content?: Buffer): Promise<void> {
  const { body } = await engine.request('POST', path, content);
  const messages = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  isLine(messages.at(-1).message ?? messages.at(-1).error, says);
  expect(messages.filter(({ error, message }) => error ?? message)).toHaveLength(1);
}

describe('a registry', () => {
  const cases = hostileAnswers.map((one, index) => ({ ...one, index }));
  it.concurrent.for(cases)('that $what', async ({ index, says, all }) => {
    const name = `${address}/case-${index}`;
    const { code, stderr } = await davit(...(all ? ['pull', '-a', name] : ['pull', `${name}:1`]));
    isLine(stderr, says);
    expect(code).toBe(1);
  });

  it('gets no credentials of another', async () => {
    const [curl = '', ...rest] = engine.network.enter(['curl', '-sS', `http://${address}/overheard`]);
    expect(await run(curl, rest)).toMatchObject({ stdout: '[]' });
  });
});

describe('a layer', () => {
  const cases = hostileTars.map((one, index) => ({ ...one, index }));
  it.concurrent.for(cases)('that $what', async ({ index, says, archive }) => {
    await refuses(`/images/create?fromImage=${address}/layer-${index}&tag=1`, says);
    await refuses('/images/create?fromSrc=-', says, gzipSync(await archive()));
  });
});

describe('an archive', () => {
  it.concurrent.for(hostileArchives)('that $what', async ({ says, archive }) => {
    await refuses('/images/load', says, await archive());
  });
});

describe('what is left of them', () => {
  it('is nothing', async () => {
    expect(await davit.ok('images', '-a', '--format', '{{.Repository}}')).toBe('busybox');
    await davit.ok('image', 'prune', '-f');
    await engine.stop();
    const roots = ['--data-root', engine.dataRoot, '--exec-root', engine.execRoot];
    const { code, stdout } = await run(`${root}/bin/davitd`, ['--check-store', ...roots]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/: all is well\n$/)]);
    const left = ['overlay/work', 'blobs/incoming'].flatMap((path) =>
      readdirSync(`${engine.dataRoot}/${path}`),
    );
    expect(left).toEqual([]);
    expect(readdirSync(`${engine.dataRoot}/overlay/layers`)).toHaveLength(1);
    await engine.start();
  });
});
