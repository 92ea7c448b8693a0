import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from './support/registry.ts';
import { useEngine } from './support/use-engine.ts';

/** One engine builds first, the other is to take what that has done. */
const first = await useEngine({ engine: 'davitd', client: 'davit' });
const second = await useEngine({ engine: 'davitd', client: 'davit' });

const context = `${first.engine.directory}/context`;
const kept = `${first.engine.directory}/cache`;
const registries: TestRegistry[] = [];
const repository = '127.0.0.1:5000/app';

/** What is random cannot be made again. */
const dockerfile = [
  'FROM busybox AS one',
  'ARG WHAT=thing',
  'RUN head -c 1000000 /dev/urandom > /$WHAT',
  'FROM busybox',
  'WORKDIR /app',
  'COPY --from=one /thing .',
  'RUN --mount=type=bind,target=/c sha1sum thing /c/file > sums; head -c 9 /dev/urandom >> sums',
  'RUN head -c 9 /dev/urandom > more',
  'CMD ["cat", "sums"]',
].join('\n');
const steps = 7;
let original = '';

const build = async ({ davit }: typeof first, ...args: string[]) => {
  const { code, stdout, stderr } = await davit('build', '--network', 'none', ...args, context);
  expect(code, stdout + stderr).toBe(0);
  const [, id = ''] = /Successfully built (\w+)/.exec(stdout) ?? [];
  return { id, stdout, stderr, cached: stdout.match(/Using cache/g)?.length ?? 0 };
};

beforeAll(async () => {
  mkdirSync(context);
  writeFileSync(`${context}/Dockerfile`, dockerfile);
  writeFileSync(`${context}/file`, 'x');
  const data = `${first.engine.directory}/registry-data`;
  for (const { engine } of [first, second]) {
    const directory = `${engine.directory}/registry`;
    registries.push(await startRegistry({ network: engine.network, directory, port: 5000, data }));
  }
  original = (await build(first, '-t', 'app')).id;
});
afterAll(() => Promise.all(registries.map((one) => one.stop())));

beforeEach(async () => {
  const { davit } = second;
  for (const id of (await davit.ok('images', '-q', '--filter', 'reference=*app*')).split('\n'))
    if (id !== '') await davit.ok('rmi', '-f', id);
  await davit.ok('builder', 'prune', '-af');
});

describe('a cache that another engine has made', () => {
  it('is all that a fresh engine needs, from a folder', async () => {
    await build(first, '--cache-to', `type=local,dest=${kept},mode=max`);
    const index = JSON.parse(readFileSync(`${kept}/index.json`, 'utf8')) as { manifests: unknown[] };
    expect(index.manifests).toHaveLength(1);
    const source = `type=local,src=${kept}`;
    expect(await build(second, '--cache-from', source)).toMatchObject({ id: original, cached: steps });
    // It is known now, and goes on as a cache of this engine.
    expect(await build(second)).toMatchObject({ id: original, cached: steps });
  });

  it('is all that a fresh engine needs, from a registry', async () => {
    const { stdout } = await build(first, '--cache-to', `type=registry,ref=${repository}:cache,mode=max`);
    expect(stdout).toMatch(/\nCache exported to 127\.0\.0\.1:5000\/app:cache: sha256:\w{64}\n/);
    const source = `type=registry,ref=${repository}:cache`;
    expect(await build(second, '--cache-from', source)).toMatchObject({ id: original, cached: steps });
    expect(await second.davit.ok('images', '-aq', repository)).toBe('');
  });

  it('is in an image, where that was asked for', async () => {
    const iidfile = `${first.engine.directory}/iid`;
    const flags = ['-t', `${repository}:inline`, '--cache-to', 'type=inline', '--iidfile', iidfile];
    const inline = await build(first, ...flags);
    expect(inline).toMatchObject({ cached: steps });
    expect(readFileSync(iidfile, 'utf8')).toBe(
      await first.davit.ok('inspect', '-f', '{{.Id}}', `${repository}:inline`),
    );
    await first.davit.ok('push', '-q', `${repository}:inline`);
    const { stdout, cached } = await build(second, '--cache-from', `${repository}:inline`);
    // The first stage is not part of the image, and what it makes is random: what copies of it is done anew.
    expect(stdout).toMatch(/RUN head -c 1000000 .*\n ---> Running in/);
    expect(cached).toBe(2);
  });

  it('is in any image that says how it was made', async () => {
    writeFileSync(
      `${context}/Plain`,
      'FROM busybox\nENV A=1\nCOPY file /\nRUN head -c 9 /dev/urandom > /r\n',
    );
    const flags = ['-f', `${context}/Plain`, '-t', 'plain-app'];
    const made = await build(first, ...flags);
    const archive = `${first.engine.directory}/app.tar`;
    await first.davit.ok('save', '-o', archive, 'plain-app');
    await second.davit.ok('load', '-i', archive);
    expect(await build(second, ...flags, '--cache-from', 'plain-app')).toMatchObject({
      id: made.id,
      cached: 3,
    });
  });

  it('of which only the image itself was kept does the other stages anew', async () => {
    await build(first, '--cache-to', `type=local,dest=${kept}`);
    const { stdout } = await build(second, '--cache-from', `type=local,src=${kept}`);
    expect(stdout).toMatch(/RUN head -c 1000000 .*\n ---> Running in/);
    // What the larger cache before had is gone.
    const blobs = readdirSync(`${kept}/blobs/sha256`).map(
      (name) => statSync(`${kept}/blobs/sha256/${name}`).size,
    );
    expect(blobs.filter((size) => size > 1_000_000)).toHaveLength(1);
  });
});

describe('a cache that is of no use', () => {
  it('is told of, and the build goes on', async () => {
    const nowhere = `type=local,src=${first.engine.directory}/nowhere`;
    const lost = await build(
      second,
      '--cache-from',
      nowhere,
      '--cache-from',
      `type=registry,ref=${repository}:none`,
    );
    expect(lost.stderr).toContain(`WARNING: there is no cache in ${first.engine.directory}/nowhere yet\n`);
    expect(lost.stdout).toContain(`[Warning] cannot use the cache ${repository}:none: `);
    expect(lost.cached).toBe(0);
  });

  it('has a layer that is not what it says', async () => {
    await build(first, '--cache-to', `type=local,dest=${kept},mode=max`);
    for (const name of readdirSync(`${kept}/blobs/sha256`)) {
      const path = `${kept}/blobs/sha256/${name}`;
      const content = readFileSync(path);
      if (content.length < 1_000_000) continue;
      content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
      writeFileSync(path, content);
    }
    const { stdout } = await build(second, '--cache-from', `type=local,src=${kept}`);
    expect(stdout).toContain('[Warning] cannot use the cache of RUN head -c 1000000');
    expect(stdout).toMatch(/RUN head -c 1000000 [\s\S]*\n ---> Running in/);
  });

  it('cannot be written', async () => {
    const flags = ['build', '--network', 'none', '-t', 'kept-app'];
    const { code, stderr } = await second.davit(
      ...flags,
      '--cache-to',
      'type=registry,ref=127.0.0.1:9/a:b',
      context,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('cannot export the cache to 127.0.0.1:9/a:b: ');
    expect((await second.davit('build', '--cache-to', 'type=gha', context)).stderr).toMatch(
      /^invalid cache-to: davit does not speak to .*\n/,
    );
  });
});
