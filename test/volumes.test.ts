import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { busyboxLayer, dockerArchive, type Entry, tar } from './support/image.ts';
import { differs } from './support/original.ts';
import { richImage } from './support/rich-image.ts';
import { readTree } from './support/tree.ts';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

interface Answer {
  Name: string;
  Mountpoint: string;
  Labels: Record<string, string> | null;
}

async function api<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const answer = await engine.request(method, path, body === undefined ? undefined : JSON.stringify(body));
  return { status: answer.status, body: answer.body === '' ? (null as T) : (JSON.parse(answer.body) as T) };
}

const create = (body: unknown) => api<Answer & { message: string }>('POST', '/volumes/create', body);
const exists = async (name: string) => (await api('GET', `/volumes/${name}`)).status === 200;
const volumesOf = async (container: string) =>
  JSON.parse(await davit.ok('inspect', '-f', '{{json .Mounts}}', container)) as {
    Name: string;
    Destination: string;
    Source: string;
  }[];

/** What is compared of a tree that an engine has copied. */
function comparable(tree: Map<string, string>): Map<string, string> {
  if (!differs('copies keep the times of folders and links of links')) return tree;
  const lines = [...tree].map(([path, line]): [string, string] => {
    if (line.startsWith('folder')) return [path, line.replace(/@\d+/, '')];
    return [path, line.startsWith('link') ? line.replace(/ as .*/, '') : line];
  });
  return new Map(lines);
}

describe('the API of volumes', () => {
  it('makes a volume once, whoever asks and how often', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create({ Name: 'one', Labels: { a: 'b' } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => body.Mountpoint)).size).toBe(1);
    const { body } = await api<Answer>('GET', '/volumes/one');
    expect(body).toMatchObject({
      Name: 'one',
      Driver: 'local',
      Labels: { a: 'b' },
      Options: null,
      Scope: 'local',
    });
    expect((await api('DELETE', '/volumes/one')).status).toBe(204);
    expect(await api('DELETE', '/volumes/one')).toEqual({
      status: 404,
      body: { message: 'get one: no such volume' },
    });
    expect((await api('DELETE', '/volumes/one?force=1')).status).toBe(204);
  });

  it.each([
    [
      { Name: 'x' },
      400,
      'create x: volume name is too short, names should be at least two alphanumeric characters',
    ],
    [{ Name: 'a/b' }, 400, 'create a/b: "a/b" includes invalid characters for a local volume name'],
    [{ Name: '..' }, 400, 'create ..: ".." includes invalid characters'],
    [
      { Name: 'vw', Driver: 'nosuch' },
      404,
      'create vw: error looking up volume plugin nosuch: plugin "nosuch" not found',
    ],
    [{ Name: 'opt', DriverOpts: { foo: '1' } }, 400, 'create opt: invalid option: "foo"'],
    [{ Name: 'opt', DriverOpts: { o: 'bind' } }, 400, 'create opt: missing required option: "device"'],
    [{ Name: 'opt', DriverOpts: { device: '/x' } }, 400, 'create opt: missing required option: "type"'],
    [
      { Name: 'opt', DriverOpts: { size: '10m' } },
      400,
      'create opt: quota size requested but no quota support',
    ],
  ])('refuses %j', async (body, status, message) => {
    const answer = await create(body);
    expect(answer.body.message).toContain(message);
    expect(answer.status).toBe(status);
    expect(await exists('opt')).toBe(false);
  });
});

describe('volumes in containers', () => {
  it('keep their data, and are protected as long as a container has them', async () => {
    await davit.ok('run', '--rm', '-v', 'kept:/data', 'busybox', 'sh', '-c', 'echo hello > /data/file');
    expect(await davit.ok('run', '--name', 'reader', '-v', 'kept:/d:ro', 'busybox', 'cat', '/d/file')).toBe(
      'hello',
    );
    const { Id } = JSON.parse((await engine.request('GET', '/containers/reader/json')).body) as {
      Id: string;
    };
    expect(await api('DELETE', '/volumes/kept')).toEqual({
      status: 409,
      body: { message: `remove kept: volume is in use - [${Id}]` },
    });
    await davit.ok('rm', '-v', 'reader');
    expect(await exists('kept')).toBe(true);
    const { stdout, stderr } = await davit('run', '--rm', '-v', 'kept:/d:ro', 'busybox', 'touch', '/d/x');
    expect(stdout + stderr).toMatch(/Read-only file system/);
  });

  it('are filled with what the image has, as it is', async () => {
    const entries: Entry[] = [
      { name: 'data', type: 'directory', mode: 0o2750, uid: 7, gid: 8 },
      { name: 'data/file', content: 'text', mode: 0o640, uid: 33, gid: 77 },
      // Some engines give what a link leads to the owner and mode of the link.
      { name: 'data/same', type: 'link', linkname: 'data/file', mode: 0o640, uid: 33, gid: 77 },
      { name: 'data/out', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'trap', type: 'symlink', linkname: '../../../../../../etc' },
    ];
    const image = {
      tags: ['filled:latest'],
      layers: [await busyboxLayer(), await tar(entries)],
      config: { Volumes: { '/data': {} } },
    };
    await engine.request('POST', '/images/load?quiet=1', await dockerArchive([image]));
    const script = 'stat -c "%a %u %g" /data /data/file; stat -c %h /data/file; readlink /data/out';
    const expected = '2750 7 8\n640 33 77\n2\n/etc/passwd';
    expect(await davit.ok('run', '--name', 'anonymous', 'filled', 'sh', '-c', script)).toBe(expected);
    expect(await davit.ok('run', '--rm', '-v', 'named:/data', 'filled', 'sh', '-c', script)).toBe(expected);
    expect(await davit.ok('run', '--rm', '-v', 'bare:/data:nocopy', 'filled', 'ls', '-A', '/data')).toBe('');
    // Where the image leads with a link is in the image.
    expect(await davit.ok('run', '--rm', '-v', 'trapped:/trap', 'filled', 'cat', '/trap/passwd')).toContain(
      'www-data',
    );
    expect(readFileSync(`${engine.dataRoot}/volumes/trapped/_data/passwd`, 'utf8')).not.toBe(
      readFileSync('/etc/passwd', 'utf8'),
    );
    const [mount] = await volumesOf('anonymous');
    expect(mount).toMatchObject({
      Destination: '/data',
      Driver: 'local',
      RW: true,
      Mode: '',
      Type: 'volume',
    });
    await davit.ok('rm', '-v', 'anonymous');
    expect(await exists(mount?.Name ?? '')).toBe(false);
  });

  it('get all that files have of attributes, links and times', async () => {
    const image = await dockerArchive([await richImage('rich-volume:latest')]);
    await engine.request('POST', '/images/load?quiet=1', image);
    const treeOf = async (...flags: string[]) => {
      const id = await davit.ok('run', '-d', ...flags, 'rich-volume', 'sleep', '1000');
      const pid = await davit.ok('inspect', '-f', '{{.State.Pid}}', id);
      const archive = `${engine.directory}/${id}.tar`;
      const attributes = ['--format=pax', '--xattrs', '--xattrs-include=*', '--numeric-owner'];
      const place = ['-C', `/proc/${pid}/root/data`, '--transform=s,^\\.,data,', '-cf', archive, '.'];
      expect(await run('tar', [...attributes, ...place])).toMatchObject({ code: 0, stderr: '' });
      return readTree(archive);
    };
    const [own, copied] = [await treeOf(), await treeOf('-v', 'rich:/data')].map(comparable);
    expect(own?.get('data/ping')).toContain('security.capability=');
    expect(own?.get('data/tagged')).toContain('user.note=');
    expect(copied).toEqual(own);
  });

  it('without a name go with --rm and rm -v, and stay otherwise', async () => {
    await davit.ok('create', '--name', 'first', '-v', '/anonymous', 'busybox');
    const [mount] = await volumesOf('first');
    await davit.ok('create', '--name', 'second', '--volumes-from', 'first:ro', 'busybox');
    expect(await volumesOf('second')).toMatchObject([
      { Name: mount?.Name, RW: false, Destination: '/anonymous' },
    ]);
    await davit.ok('rm', '-v', 'first');
    expect(await exists(mount?.Name ?? '')).toBe(true);
    await davit.ok('rm', 'second');
    expect(await exists(mount?.Name ?? '')).toBe(true);
    await davit.ok('create', '--rm', '--name', 'passing', '-v', '/anonymous', 'busybox', 'true');
    const [passing] = await volumesOf('passing');
    await davit.ok('start', '-a', 'passing');
    expect(await exists(passing?.Name ?? '')).toBe(false);
  });

  it('can be a tmpfs or a folder of the host', async () => {
    await create({ Name: 'memory', DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,uid=33' } });
    expect(
      await davit.ok(
        'run',
        '--rm',
        '-v',
        'memory:/m',
        'busybox',
        'sh',
        '-c',
        'stat -c %u /m; df -k /m | tail -1 | awk "{print \\$2}"',
      ),
    ).toBe('33\n1024');
    const folder = `${engine.directory}/host folder`;
    mkdirSync(folder);
    writeFileSync(`${folder}/file`, 'of the host');
    await create({ Name: 'bound', DriverOpts: { type: 'none', device: folder, o: 'bind,ro' } });
    expect(await davit.ok('run', '--rm', '-v', 'bound:/b', 'busybox', 'cat', '/b/file')).toBe('of the host');
    const { stderr } = await davit('run', '--rm', '-v', 'bound:/b', 'busybox', 'touch', '/b/x');
    expect(stderr).toMatch(/Read-only file system/);
    await create({ Name: 'broken', DriverOpts: { type: 'none', device: '/nosuch', o: 'bind' } });
    const broken = await davit('run', '--rm', '-v', 'broken:/b:nocopy', 'busybox', 'true');
    expect(broken.stderr).toContain('failed to mount local volume: mount /nosuch:');
    // As docker's client has it: the engine's message speaks of a missing file.
    expect(broken.code).toBe(127);
  });

  it.skipIf(differs('volumes survive a crash'))(
    'survive an engine that is killed, and hold nothing of containers that have ended',
    async () => {
      await create({ Name: 'lasting', DriverOpts: { type: 'tmpfs', device: 'tmpfs' } });
      await davit.ok(
        'run',
        '-d',
        '--name',
        'holder',
        '-v',
        'lasting:/m',
        '-v',
        'plain:/p',
        'busybox',
        'sh',
        '-c',
        'echo 1 > /m/x; echo 2 > /p/x; sleep 600',
      );
      await engine.crash();
      await engine.start();
      expect(await davit.ok('exec', 'holder', 'cat', '/m/x', '/p/x')).toBe('1\n2');
      expect((await api('DELETE', '/volumes/plain')).status).toBe(409);
      await davit.ok('rm', '-f', 'holder');
      expect(await davit.ok('run', '--rm', '-v', 'plain:/p', 'busybox', 'cat', '/p/x')).toBe('2');
      expect((await api('DELETE', '/volumes/lasting')).status).toBe(204);
    },
  );

  it('are pruned when nobody needs them', async () => {
    await create({ Name: 'plain' });
    const filters = differs('named volumes are pruned on request') ? '' : '?filters={"all":["1"]}';
    const { body } = await api<{ VolumesDeleted: string[] }>('POST', `/volumes/prune${filters}`);
    expect(body.VolumesDeleted).toContain('plain');
    expect(await exists('plain')).toBe(false);
  });
});

it('removes volumes by their names, and updates none that no cluster keeps', async () => {
  await davit.ok('volume', 'create', 'one');
  const isOld = differs('volumes of clusters are updated');
  const reason = isOld ? 'requires API version 1.42' : 'can only update cluster volumes';
  expect(await davit('volume', 'update', '--availability', 'drain', 'one')).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining(reason) },
  });
  const removed = await davit('volume', 'rm', 'one', 'nosuch');
  expect(removed).toMatchObject({ code: 1, stdout: 'one\n' });
  expect(removed.stderr).toContain('get nosuch: no such volume');
  expect(await davit('volume', 'rm', '-f', 'nosuch')).toMatchObject({ code: 0, stdout: 'nosuch\n' });
});
