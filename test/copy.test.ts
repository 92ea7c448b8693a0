import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tar } from './support/image.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

/** A folder of this machine for one test. */
function folder(name: string): string {
  const path = join(engine.directory, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const run = (name: string, script: string, ...flags: string[]) =>
  davit.ok('run', '-d', '--name', name, '--network', 'none', ...flags, 'busybox', 'sh', '-c', script);
const sleeping = 'touch /ready; exec sleep 1000';
const archive = (name: string, path: string) =>
  engine.request('GET', `/containers/${name}/archive?path=${encodeURIComponent(path)}`);
const put = (name: string, path: string, body: Buffer) =>
  engine.request('PUT', `/containers/${name}/archive?path=${encodeURIComponent(path)}`, body);
const inside = (name: string, script: string) => davit.ok('exec', name, 'sh', '-c', script);

describe('cp', () => {
  it('copies files and folders out of a container that runs, and of one that does not', async () => {
    const out = folder('out');
    await run('from', `mkdir -p /d/s; echo hi >/d/f; ln -s f /d/l; chmod 640 /d/f; ${sleeping}`);
    await inside('from', 'while ! [ -e /ready ]; do :; done');
    for (const state of ['running', 'stopped']) {
      const at = folder(`out/${state}`);
      await davit.ok('cp', 'from:/d', at);
      expect(readdirSync(join(at, 'd')).sort()).toEqual(['f', 'l', 's']);
      await davit.ok('cp', 'from:/d/f', join(at, 'renamed'));
      expect(readFileSync(join(at, 'renamed'), 'utf8')).toBe('hi\n');
      expect(statSync(join(at, 'renamed')).mode & 0o777).toBe(0o640);
      await davit.ok('cp', '-L', 'from:/d/l', join(at, 'followed'));
      expect(readFileSync(join(at, 'followed'), 'utf8')).toBe('hi\n');
      await davit.ok('cp', 'from:/d/.', join(at, 'content'));
      expect(readdirSync(join(at, 'content')).sort()).toEqual(['f', 'l', 's']);
      if (state === 'running') await davit.ok('kill', 'from');
    }
    expect(readdirSync(out).sort()).toEqual(['running', 'stopped']);
    await davit.ok('rm', '-f', 'from');
  });

  it('copies into a container that runs, and into one that has never run', async () => {
    const source = folder('in');
    mkdirSync(join(source, 'd'));
    writeFileSync(join(source, 'd/f'), 'content');
    symlinkSync('f', join(source, 'd/l'));
    await davit.ok('create', '--name', 'to', '--network', 'none', 'busybox', 'sh', '-c', sleeping);
    await davit.ok('cp', join(source, 'd'), 'to:/before');
    await davit.ok('start', 'to');
    await davit.ok('cp', join(source, 'd'), 'to:/tmp');
    await davit.ok('cp', join(source, 'd/.'), 'to:/tmp/content');
    await davit.ok('cp', join(source, 'd/f'), 'to:/tmp/renamed');
    expect(await inside('to', 'cat /before/f /tmp/d/l /tmp/content/f /tmp/renamed')).toBe(
      'content'.repeat(4),
    );
    await davit.ok('rm', '-f', 'to');
  });

  it('streams archives through - in both directions', async () => {
    await run('stream', sleeping);
    const bytes = await tar([{ name: 'a/b', content: 'x', mode: 0o4750, uid: 1234, gid: 77 }]);
    await davit.with({ input: bytes }).ok('cp', '-', 'stream:/tmp');
    expect(await inside('stream', 'stat -c "%a %u %g" /tmp/a/b')).toBe('4750 1234 77');
    expect(await davit.ok('cp', 'stream:/tmp/a', '-')).toContain('a/b');
    expect((await davit.with({ input: bytes })('cp', '-', 'stream:/ready')).stderr).toContain(
      'destination "stream:/ready" must be a directory',
    );
    await davit.ok('rm', '-f', 'stream');
  });

  it('says what is wrong as docker does', async () => {
    await run('wrong', sleeping);
    const here = folder('wrong');
    writeFileSync(join(here, 'f'), 'x');
    const fails = async (...args: string[]) => {
      const { code, stderr } = await davit('cp', ...args);
      expect(code).toBe(1);
      return stderr.trim();
    };
    expect(await fails('wrong:/missing', here)).toBe(
      'Error response from daemon: Could not find the file /missing in container wrong',
    );
    expect(await fails(join(here, 'f'), 'wrong:/missing/')).toContain('no such directory');
    expect(await fails(here, 'wrong:/bin/busybox')).toContain('cannot copy directory');
    expect(await fails('wrong:/bin', join(here, 'f'))).toBe('cannot copy directory');
    expect(await fails(join(here, 'none'), 'wrong:/')).toBe(
      `lstat ${join(here, 'none')}: no such file or directory`,
    );
    expect(await fails('a', 'b')).toBe('must specify at least one container source');
    expect(await fails('a:x', 'b:y')).toBe('copying between containers is not supported');
    await davit.ok('rm', '-f', 'wrong');
  });

  it('sees what is mounted, and keeps what is read-only', async () => {
    const volume = folder('volume');
    writeFileSync(join(volume, 'f'), 'of the host');
    const source = join(folder('mounted'), 'new');
    writeFileSync(source, 'new');
    await run('mounts', sleeping, '-v', `${volume}:/rw`, '-v', `${volume}:/ro:ro`);
    for (const state of ['running', 'stopped']) {
      expect((await archive('mounts', '/rw/f')).body).toContain('of the host');
      expect((await archive('mounts', '/etc')).body).toContain('localhost');
      expect((await archive('mounts', '/')).body).toContain('of the host');
      await davit.ok('cp', source, `mounts:/rw/${state}`);
      expect(readFileSync(join(volume, state), 'utf8')).toBe('new');
      expect((await davit('cp', source, 'mounts:/ro/')).stderr).toContain(
        'mounted volume is marked read-only',
      );
      if (state === 'running') await davit.ok('kill', 'mounts');
    }
    await run('readonly', sleeping, '--read-only', '-v', `${volume}:/rw`);
    expect((await davit('cp', source, 'readonly:/tmp/')).stderr).toContain(
      'container rootfs is marked read-only',
    );
    await davit.ok('cp', source, 'readonly:/rw/');
    expect((await davit('cp', source, 'readonly:/rw/none/x')).code).toBe(1);
    await davit.ok('rm', '-f', 'mounts', 'readonly');
  });

  it('gives a copy to the user of the container with --archive', async () => {
    const source = join(folder('user'), 'f');
    writeFileSync(source, 'x');
    await run('user', 'exec sleep 1000', '--user', 'www-data');
    await davit.ok('cp', '-a', source, 'user:/tmp/f');
    expect(await inside('user', 'stat -c "%u %g" /tmp/f')).toBe('33 33');
    await davit.ok('rm', '-f', 'user');
  });

  it('keeps a container that does not run usable for others meanwhile', async () => {
    await davit.ok('create', '--name', 'shared', '--network', 'none', 'busybox', 'sh', '-c', sleeping);
    const reading = davit.start('cp', 'shared:/bin', '-');
    await davit.ok('start', 'shared');
    expect((await reading.done).code).toBe(0);
    expect(await inside('shared', 'echo runs')).toBe('runs');
    await davit.ok('rm', '-f', 'shared');
  });
});

/** Swaps the folder /swap for a link to `target` and back, as quickly as it can. */
const swapping = (target: string) =>
  `mkdir /swap; echo mine >/swap/secret; ln -s ${target} /link; touch /ready
   while :; do mv /swap /kept; mv /link /swap; mv /swap /link; mv /kept /swap; done`;

describe('a container that sets traps', () => {
  it('CVE-2018-15664: wins nothing by swapping folders for links while files are copied', async () => {
    const outside = folder('outside');
    writeFileSync(join(outside, 'secret'), 'of the host');
    const body = await tar([{ name: 'planted', content: 'x' }]);
    const nested = await tar([{ name: 'swap/planted', content: 'x' }]);
    await run('swaps', swapping(outside));
    await inside('swaps', 'while ! [ -e /ready ]; do :; done');
    let copied = 0;
    for (let round = 0; round < 60; round++) {
      const [read, all, written, made] = await Promise.all([
        archive('swaps', '/swap/secret'),
        archive('swaps', '/swap/'),
        put('swaps', '/swap', body),
        put('swaps', '/', nested),
      ]);
      expect(read.body).not.toContain('of the host');
      expect(all.body).not.toContain('of the host');
      copied += [read, all, written, made].filter(({ status }) => status === 200).length;
    }
    expect(copied).toBeGreaterThan(0);
    expect(readdirSync(outside)).toEqual(['secret']);
    await davit.ok('rm', '-f', 'swaps');
  });

  it('CVE-2019-14271: loads nothing of the container into the engine', async () => {
    const mark = join(folder('poison'), 'mark');
    const trap = `#!/bin/sh\necho sprung > ${mark}\n`;
    const poison = await tar([
      { name: 'etc/ld.so.preload', content: '/lib/evil.so\n' },
      { name: 'etc/nsswitch.conf', content: 'passwd: files evil\n' },
      { name: 'lib/evil.so', content: trap, mode: 0o755 },
      { name: 'lib/x86_64-linux-gnu/libnss_files.so.2', content: trap, mode: 0o755 },
      ...['tar', 'cp', 'mknod', 'mount', 'umount'].map((name) => ({
        name: `usr/bin/${name}`,
        content: trap,
        mode: 0o755,
      })),
    ]);
    await run('poison', sleeping);
    expect((await put('poison', '/', poison)).status).toBe(200);
    expect((await archive('poison', '/etc')).body).toContain('evil');
    expect((await put('poison', '/tmp', await tar([{ name: 'f', uname: 'www-data' }]))).status).toBe(200);
    expect((await davit('export', '-o', join(folder('poison'), 'all.tar'), 'poison')).code).toBe(0);
    expect(existsSync(mark)).toBe(false);
    await davit.ok('rm', '-f', 'poison');
  });

  it.skipIf(againstOriginal.client)('does not write outside of the folder that a copy goes to', async () => {
    const outside = folder('beyond');
    const target = folder('target');
    await run('escape', `mkdir /d; ln -s ${outside} /d/x; ln -s ../../../.. /d/up; ${sleeping}`);
    await inside('escape', 'while ! [ -e /ready ]; do :; done');
    expect((await davit('cp', 'escape:/d', target)).stderr).toContain('invalid symlink');
    expect(readdirSync(outside)).toEqual([]);
    await davit.ok('rm', '-f', 'escape');
  });
});
