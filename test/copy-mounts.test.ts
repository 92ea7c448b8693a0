import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const data = () => `${engine.directory}/new-file`;
/** What `cp` brings out of a container. */
async function take(path: string): Promise<string> {
  const target = `${engine.directory}/taken`;
  await davit.ok('cp', path, target);
  return readFileSync(target, 'utf8');
}
const create = (name: string, ...mounts: string[]) =>
  davit.ok('create', '--name', name, ...mounts, 'busybox', 'sleep', '1000');

describe('cp on a container that does not run', () => {
  beforeAll(async () => {
    writeFileSync(data(), 'new\n');
    mkdirSync(`${engine.directory}/bound`);
    const fill = 'mkdir -p /v/part; echo inside > /v/part/f; echo outside > /v/f';
    await davit.ok('run', '--rm', '-v', 'named:/v', 'busybox', 'sh', '-c', fill);
    const bind = ['-o', 'type=none', '-o', 'o=bind', '-o', `device=${engine.directory}/bound`];
    await davit.ok('volume', 'create', ...bind, 'optioned');
    await davit.ok('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'memory');
  });

  it('reads and writes its volumes, also those with options', async () => {
    await create('still', '-v', 'named:/n', '-v', 'optioned:/o', '-v', 'memory:/m', '-v', 'named:/ro:ro');
    expect(await take('still:/n/part/f')).toBe('inside\n');
    await davit.ok('cp', data(), 'still:/n/new');
    expect(await davit.ok('run', '--rm', '-v', 'named:/v', 'busybox', 'cat', '/v/new')).toBe('new');
    await davit.ok('cp', data(), 'still:/o/new');
    expect(readFileSync(`${engine.directory}/bound/new`, 'utf8')).toBe('new\n');
    // It is in memory that is there as long as somebody has it mounted.
    await davit.ok('cp', data(), 'still:/m/new');
    await davit.ok('start', 'still');
    expect(await davit.ok('exec', 'still', 'ls', '/m')).toBe('');
    expect((await davit('cp', data(), 'still:/ro/x')).stderr).toContain('mounted volume is marked read-only');
  });

  it.skipIf(againstOriginal.engine)(
    'sees a part of a volume or an image, and no more, running or not',
    async () => {
      const part = ['--mount', 'type=volume,src=named,dst=/p,volume-subpath=part'];
      const image = ['--mount', 'type=image,src=busybox,dst=/i,image-subpath=etc'];
      await create('partly', ...part, ...image);
      for (const state of ['created', 'running', 'ended']) {
        if (state === 'running') await davit.ok('start', 'partly');
        if (state === 'ended') await davit.ok('kill', 'partly');
        expect(await take('partly:/p/f')).toBe('inside\n');
        expect(await take('partly:/i/passwd')).toContain('root:x:0:0:');
        for (const path of ['/p/part', '/p/../named', '/i/bin'])
          expect((await davit('cp', `partly:${path}`, `${engine.directory}/none`)).stderr).toContain(
            'Could not find the file',
          );
        await davit.ok('cp', data(), `partly:/p/${state}`);
      }
      expect(await davit.ok('run', '--rm', '-v', 'named:/v', 'busybox', 'ls', '/v/part')).toBe(
        'created\nended\nf\nrunning',
      );
      await davit.ok('rm', 'partly');
      expect(readdirSync(`${engine.execRoot}/mounts`)).toEqual([]);
    },
  );

  it.skipIf(againstOriginal.engine)('says so when a part is gone, and holds nothing back', async () => {
    await create('lost', '--mount', 'type=volume,src=named,dst=/p,volume-subpath=gone');
    const { code, stderr } = await davit('cp', 'lost:/p/f', `${engine.directory}/none`);
    expect(stderr).toContain('no such file or directory');
    expect(code).toBe(1);
    await davit.ok('rm', 'lost');
    expect((await davit.ok('volume', 'ls', '-q')).split('\n').sort()).toEqual([
      'memory',
      'named',
      'optioned',
    ]);
  });
});

describe('cp on a terminal', () => {
  it('says how much was copied, unless it is to be quiet', async () => {
    await create('target');
    writeFileSync(`${engine.directory}/large`, Buffer.alloc(8 << 20));
    const into = davit.terminal('cp', `${engine.directory}/large`, 'target:/large');
    await into.shows('Successfully copied 8.39MB to target:/large');
    expect(await into.exit).toBe(0);
    const out = davit.terminal('cp', 'target:/large', `${engine.directory}/back`);
    await out.shows(/Successfully copied 8\.39MB to \S+\/back/);
    expect(await out.exit).toBe(0);
    const quiet = davit.terminal('cp', '--quiet', data(), 'target:/small');
    expect(await quiet.exit).toBe(0);
    expect(quiet.screen()).toBe('');
    const { stdout, stderr } = await davit('cp', data(), 'target:/small');
    expect(stdout + stderr).toBe('');
  });
});
