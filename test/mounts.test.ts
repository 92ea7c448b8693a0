import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { busyboxLayer, dockerArchive, tar } from './support/image.ts';
import { differs } from './support/original.ts';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const run = (...args: string[]) => davit('run', '--rm', ...args);
const volume = (name: string) => `${engine.dataRoot}/volumes/${name}/_data`;

it.each([
  [['-v', 'named:/x', '-v', 'named2:/x'], 'Duplicate mount point: /x'],
  [['-v', 'named:/x', '--tmpfs', '/x'], 'Duplicate mount point: /x'],
  [['-v', 'named:/x:copy'], 'invalid mode: copy'],
  [['-v', '/etc/passwd'], 'cannot mount volume over existing file, file exists'],
  [['--volumes-from', 'nosuch'], 'No such container: nosuch'],
  [['--mount', 'type=volume,src=x!,dst=/q'], 'create x!: "x!" includes invalid characters'],
  [['--mount', 'type=volume,dst=/q,readonly'], 'must not set ReadOnly mode when using anonymous volumes'],
  [['--mount', 'type=bind,src=/nosuch,dst=/b'], 'bind source path does not exist: /nosuch'],
  [['--mount', 'type=npipe,src=c,dst=/c'], 'invalid mount config for type "npipe": mount type unknown'],
])('refuses %j as docker does', async (args, message) => {
  const { code, stderr } = await run(...args, 'busybox', 'true');
  expect(stderr).toContain(message);
  expect(code).toBe(125);
});

it('mounts outer places before inner ones, whatever the order', async () => {
  await run(
    '-v',
    'inner:/i',
    '-v',
    'outer:/o',
    'busybox',
    'sh',
    '-c',
    'echo inner > /i/f; echo outer > /o/f',
  );
  const { stdout } = await run(
    ...['-v', 'inner:/a/b', '-v', 'outer:/a', '--mount', 'type=tmpfs,dst=/a/t,tmpfs-size=1m,tmpfs-mode=700'],
    ...['busybox', 'sh', '-c', 'cat /a/f /a/b/f; stat -c %a /a/t; df -k /a/t | tail -1'],
  );
  expect(stdout).toMatch(/^outer\ninner\n700\ntmpfs +1024 /);
});

it.skipIf(differs('parts of volumes are mounted'))(
  'mounts a part of a volume, and nothing outside of it',
  async () => {
    await davit.ok('volume', 'create', 'parts');
    mkdirSync(`${volume('parts')}/a/b`, { recursive: true });
    writeFileSync(`${volume('parts')}/a/b/f`, 'part');
    writeFileSync(`${engine.directory}/secret`, 'of the host');
    symlinkSync(engine.directory, `${volume('parts')}/out`);
    const part = (subpath: string) => ['--mount', `type=volume,src=parts,dst=/p,volume-subpath=${subpath}`];
    expect((await run(...part('a/b'), 'busybox', 'cat', '/p/f')).stdout).toBe('part');
    expect((await run(...part('a/b/f'), 'busybox', 'cat', '/p')).stdout).toBe('part');
    const missing = await run(...part('nosuch'), 'busybox', 'true');
    expect(missing.stderr).toContain('no such file or directory');
    const outside = await run(...part('out/secret'), 'busybox', 'cat', '/p');
    expect(outside.stdout).toBe('');
    expect(outside.code).not.toBe(0);
  },
);

it.skipIf(differs('images are mounted'))('mounts an image, which stays what it is', async () => {
  const layer = await tar([{ name: 'content', content: 'of the image' }]);
  const recipe = { tags: ['data:latest'], layers: [layer] };
  await engine.request('POST', '/images/load?quiet=1', await dockerArchive([recipe]));
  const image = ['--mount', 'type=image,src=data,dst=/i'];
  await davit.ok('run', '--name', 'user', ...image, 'busybox', 'sh', '-c', 'cat /i/content; echo > /i/new');
  expect((await run(...image, 'busybox', 'ls', '/i')).stdout).toBe('content\n');
  expect((await davit('rmi', 'data')).stderr).toMatch(/conflict|in use|using/);
  await davit.ok('rm', 'user');
  expect((await davit('rmi', 'data')).code).toBe(0);
});

it('does not follow where an image leads with links', async () => {
  const layer = await tar([{ name: 'link', type: 'symlink', linkname: '../../../../etc' }]);
  const recipe = { tags: ['links:latest'], layers: [await busyboxLayer(), layer] };
  await engine.request('POST', '/images/load?quiet=1', await dockerArchive([recipe]));
  const { stdout } = await run(
    '-v',
    'linked:/link/deep',
    'links',
    'sh',
    '-c',
    'echo x > /etc/deep/f; ls /link/deep',
  );
  expect(stdout).toBe('f\n');
});
