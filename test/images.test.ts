import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import {
  busyboxImage,
  busyboxLayer,
  dockerArchive,
  type Entry,
  imageId,
  ociLayout,
  tar,
} from './support/image.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

async function load(archive: Buffer): Promise<string> {
  return davit.with({ input: archive }).ok('load');
}

async function layered(tag: string, ...upper: Entry[][]): Promise<Parameters<typeof imageId>[0]> {
  const layers = [await busyboxLayer(), ...(await Promise.all(upper.map(tar)))];
  return { tags: [tag], layers, config: { Labels: { tag } } };
}

describe('load', () => {
  it('takes the archive of docker save, from standard input or a file', async () => {
    const image = { ...(await busyboxImage()), tags: ['first:1'] };
    const file = `${engine.directory}/image.tar`;
    writeFileSync(file, await dockerArchive([image]));
    expect(await davit.ok('load', '-i', file)).toBe('Loaded image: first:1');
    expect(await davit.ok('load', '-q', '-i', file)).toBe('Loaded image: first:1');
    expect(await davit.ok('images', '-q', '--no-trunc', 'first')).toBe(imageId(image));
    expect(await davit.ok('run', '--rm', 'first:1', 'echo', 'works')).toBe('works');
  });

  const packers: [string, (bytes: Buffer) => Promise<Buffer>][] = [
    ['gzip', async (bytes) => gzipSync(bytes)],
    ['xz', (bytes) => packed('xz', bytes)],
    ['zstd', (bytes) => packed('zstd', bytes)],
  ];
  // dockerd 20.10 does not know zstd.
  const known = packers.filter(([name]) => !againstOriginal.engine || name !== 'zstd');

  it.each(known)('takes an archive packed with %s', async (name, pack) => {
    const image = await layered(`${name}:1`);
    expect(await load(await pack(await dockerArchive([image])))).toBe(`Loaded image: ${name}:1`);
    await davit.ok('rmi', `${name}:1`);
  });

  async function packed(program: string, bytes: Buffer): Promise<Buffer> {
    const child = spawn(program, ['-1', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(bytes);
    return buffer(child.stdout);
  }

  // dockerd 20.10 knows only its own form.
  it.skipIf(againstOriginal.engine)('takes an OCI image layout, with the same ID', async () => {
    const image = await layered('oci:1');
    expect(await load(await ociLayout([image]))).toBe('Loaded image: oci:1');
    expect(await davit.ok('images', '-q', '--no-trunc', 'oci')).toBe(imageId(image));
    expect(await davit.ok('run', '--rm', 'oci:1', 'echo', 'works')).toBe('works');
    await davit.ok('rmi', 'oci:1');
  });

  // dockerd 20.10 does not know the flag.
  it.skipIf(againstOriginal.engine)(
    'takes and gives what is for one platform, and says when there is none',
    async () => {
      const here = await davit.ok('image', 'inspect', '-f', '{{.Os}}/{{.Architecture}}', 'busybox');
      const file = `${engine.directory}/one.tar`;
      await davit.ok('save', '--platform', here, '-o', file, 'busybox');
      expect(await davit.ok('load', '--platform', here, '-i', file)).toBe('Loaded image: busybox:latest');
      const saved = await davit('save', '--platform', 'linux/s390x', '-o', `${file}.none`, 'busybox');
      expect(saved).toMatchObject({ code: 1, stderr: expect.stringContaining('linux/s390x') });
      expect(existsSync(`${file}.none`)).toBe(false);
      const loaded = await davit('load', '--platform', 'linux/s390x', '-i', file);
      expect(loaded).toMatchObject({ code: 1, stderr: expect.stringContaining('linux/s390x') });
      const wrong = await davit('load', '--platform', 'linux/no/such/thing', '-i', file);
      expect(wrong.code).toBe(1);
    },
  );

  it('names an image without a name by its ID', async () => {
    const image = { ...(await layered('nameless:1')), tags: [] };
    expect(await load(await dockerArchive([image]))).toBe(`Loaded image ID: ${imageId(image)}`);
    await davit.ok('rmi', imageId(image));
  });

  it('puts layers on each other: replaced, removed and hidden files, links, modes, owners', async () => {
    const image = await layered(
      'layers:1',
      [
        { name: 'data', type: 'directory', mode: 0o750, uid: 12, gid: 34 },
        { name: 'data/kept', content: 'kept' },
        { name: 'data/removed', content: 'removed' },
        { name: 'data/replaced', content: 'old' },
        { name: 'hidden', type: 'directory' },
        { name: 'hidden/old', content: 'old' },
        { name: 'becomes-directory', content: 'file' },
        { name: 'becomes-file', type: 'directory' },
        { name: 'becomes-file/inner', content: 'inner' },
      ],
      [
        { name: 'data', type: 'directory', mode: 0o750, uid: 12, gid: 34 },
        { name: 'data/.wh.removed' },
        { name: 'data/replaced', content: 'new', mode: 0o4755, uid: 33, gid: 33 },
        { name: 'data/hard', type: 'link', linkname: 'data/replaced', mode: 0o4755, uid: 33, gid: 33 },
        { name: 'data/soft', type: 'symlink', linkname: 'replaced' },
        { name: 'hidden/.wh..wh..opq' },
        { name: 'hidden/new', content: 'new' },
        { name: 'becomes-directory', type: 'directory' },
        { name: 'becomes-directory/inner', content: 'inner' },
        { name: 'becomes-file', content: 'file' },
        { name: 'pipe', type: 'fifo' },
        { name: '.wh.home' },
      ],
    );
    await load(await dockerArchive([image]));
    const script = [
      'cd /data; ls; stat -c "%a %u %g %h" /data/replaced /data | sed "s/ [0-9]*$//"; cat hard soft',
      'echo; ls /hidden; cat /becomes-directory/inner /becomes-file; echo; stat -c %F /pipe; ls -d /home 2>&1',
    ].join('; ');
    const { stdout } = await davit('run', '--rm', 'layers:1', 'sh', '-c', script);
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      ...['hard', 'kept', 'replaced', 'soft'],
      ...['4755 33 33', '750 12 34', 'newnew'],
      ...['new', 'innerfile', 'fifo', 'ls: /home: No such file or directory'],
    ]);
    await davit.ok('rmi', 'layers:1');
  });

  it.each<[string, Entry[]]>([
    ['a path that climbs', [{ name: '../../../../../../tmp/davit-test-escaped', content: 'x' }]],
    ['an absolute path', [{ name: '/tmp/davit-test-escaped', content: 'x' }]],
    [
      'a link that leads out',
      [
        { name: 'out', type: 'symlink', linkname: '/tmp' },
        { name: 'out/davit-test-escaped', content: 'x' },
      ],
    ],
    [
      'a relative link that leads out',
      [
        { name: 'up', type: 'symlink', linkname: '../../../../../../../../tmp' },
        { name: 'up/davit-test-escaped', content: 'x' },
      ],
    ],
    [
      'a hard link to a file of the machine',
      [
        { name: 'passwd', type: 'link', linkname: '../../../../../../../../etc/hostname' },
        { name: 'passwd', content: 'x' },
      ],
    ],
  ])('writes nothing outside of a layer for %s', async (_what, entries) => {
    const image = await layered('escape:1', entries);
    await davit.with({ input: await dockerArchive([image]) })('load');
    expect(existsSync('/tmp/davit-test-escaped')).toBe(false);
    await davit('rmi', '-f', 'escape:1');
  });

  it.each([
    ['no archive', async () => Buffer.from('this is no archive at all'.repeat(100))],
    ['half an archive', async () => (await dockerArchive([await layered('half:1')])).subarray(0, 700_000)],
    [
      'a layer that is not what its config says',
      async () => {
        const archive = await dockerArchive([
          await layered('forged:1', [{ name: 'data', content: 'honest' }]),
        ]);
        archive.write('forged', archive.indexOf('honest'));
        return archive;
      },
    ],
  ])('refuses %s and keeps nothing of it', async (_what, make) => {
    const before = await davit.ok('images', '-aq');
    const { code, stderr } = await davit.with({ input: await make() })('load');
    expect(code).not.toBe(0);
    expect(stderr).not.toBe('');
    expect(await davit.ok('images', '-aq')).toBe(before);
  });
});

describe('import', () => {
  it('makes an image of a root filesystem, with changes to its config', async () => {
    const root = await busyboxLayer();
    const changes = [
      '-c',
      'CMD ["sh", "-c", "echo $GREETING"]',
      '--change',
      'ENV GREETING=hello',
      '-c',
      'LABEL a=b',
    ];
    const id = await davit.with({ input: root }).ok('import', ...changes, '-', 'imported:1');
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await davit.ok('run', '--rm', 'imported:1')).toBe('hello');
    const [info] = JSON.parse(await davit.ok('inspect', 'imported:1')) as { Id: string; Config: object }[];
    expect(info).toMatchObject({ Id: id, Config: { Labels: { a: 'b' } } });
    await davit.ok('rmi', 'imported:1');
  });

  it('reads a file, packed or not', async () => {
    const file = `${engine.directory}/root.tar.gz`;
    writeFileSync(file, gzipSync(await busyboxLayer()));
    await davit.ok('import', file, 'from-file');
    expect(await davit.ok('run', '--rm', 'from-file', 'echo', 'works')).toBe('works');
    await davit.ok('rmi', 'from-file');
  });
});

describe('images and rmi', () => {
  it('list, inspect and take away names, and the image with the last one', async () => {
    const image = { ...(await layered('named:1')), tags: ['named:1', 'named:2'] };
    await load(await dockerArchive([image]));
    const [info] = JSON.parse(await davit.ok('inspect', 'named:1')) as Record<string, unknown>[];
    expect(info).toMatchObject({ Id: imageId(image), Os: 'linux', RootFS: { Type: 'layers' } });
    expect(info?.RepoTags).toEqual(expect.arrayContaining(['named:1', 'named:2']));
    expect(await davit.ok('rmi', 'named:1')).toBe('Untagged: named:1');
    const last = await davit.ok('rmi', 'named:2');
    expect(last.split('\n').slice(0, 2)).toEqual(['Untagged: named:2', `Deleted: ${imageId(image)}`]);
    expect(await davit.ok('images', '-q', 'named')).toBe('');
  });

  it('keep an image that a container needs', async () => {
    await load(await dockerArchive([await layered('needed:1')]));
    const id = await davit.ok('create', 'needed:1');
    const refused = await davit('rmi', 'needed:1');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `unable to remove repository reference "needed:1" (must force) - container ${id.slice(0, 12)} is using its referenced image`,
    );
    await davit.ok('rm', id);
    await davit.ok('rmi', 'needed:1');
  });

  it('say what is missing', async () => {
    const { code, stderr } = await davit('rmi', 'nosuch:image');
    expect(code).toBe(1);
    expect(stderr).toContain('No such image: nosuch:image');
  });

  it('free the space of layers that no image needs any more', async () => {
    const big = { name: 'big', content: Buffer.alloc(20 * 1024 * 1024, 'x') };
    const used = async () => Number((await run('du', ['-sm', engine.dataRoot])).stdout.split('\t')[0]);
    const before = await used();
    await load(await dockerArchive([await layered('big:1', [big])]));
    expect(await used()).toBeGreaterThan(before + 15);
    await davit.ok('rmi', 'big:1');
    expect(await used()).toBeLessThan(before + 5);
  });
});

describe('names and history', () => {
  it('tag, history and prune tell what docker does', async () => {
    await davit.ok('tag', 'busybox', 'named:1');
    expect(await davit.ok('images', '--format', '{{.Repository}}:{{.Tag}}', 'named')).toBe('named:1');
    expect((await davit('tag', 'nosuch', 'x')).stderr).toBe(
      'Error response from daemon: No such image: nosuch:latest\n',
    );
    expect((await davit('tag', 'busybox', 'x@sha256:aa')).code).toBe(1);
    const history = await davit.ok('history', '--format', '{{.ID}} {{.Comment}}', 'named:1');
    expect(history).toMatch(new RegExp(`^${await davit.ok('images', '-q', 'named')}\\b`));
    await davit.ok('rmi', 'named:1');
    await davit.ok('image', 'prune', '-f');
    const image = await layered('prune:1', [{ name: 'large', content: Buffer.alloc(3_000_000, 'x') }]);
    const nameless = { ...image, tags: [] };
    await load(await dockerArchive([nameless]));
    const pruned = (await davit.ok('image', 'prune', '-f')).split('\n');
    expect(pruned[0]).toBe('Deleted Images:');
    expect(pruned).toContain(`deleted: ${imageId(nameless)}`);
    expect(pruned.at(-1)).toMatch(/^Total reclaimed space: 3(\.\d+)?MB$/);
    expect(await davit.with({ input: 'n\n' }).ok('image', 'prune')).toContain('[y/N]');
  });
});
