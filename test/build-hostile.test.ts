import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import Docker from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import { buildOn } from './support/builder.ts';
import { run } from './support/command.ts';
import { requestBytes } from './support/http.ts';
import { type Entry, tar } from './support/image.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ client: 'davit' });

/** So many files are in the context with many files; DAVIT_TEST_CONTEXT_FILES=100000 for the whole number. */
const many = Number(process.env.DAVIT_TEST_CONTEXT_FILES ?? 3000);

const build = (dockerfile: string, files: Entry[] = []) => buildOn(engine, { dockerfile, files });

afterEach(() => {
  expect(readdirSync(`${engine.dataRoot}/build/work`)).toEqual([]);
  expect(readdirSync(`${engine.dataRoot}/overlay/containers`)).toEqual([]);
});

describe('a context that is not to be trusted', () => {
  it('reaches nothing outside of it through links', async () => {
    const files: Entry[] = [
      { name: 'shadow', type: 'symlink', linkname: '/etc/shadow' },
      { name: 'up', type: 'symlink', linkname: '../../../../../..' },
      { name: 'self', type: 'symlink', linkname: 'self' },
    ];
    for (const source of ['shadow', 'up/etc/shadow', 'up/var/lib'])
      expect((await build(`FROM busybox\nCOPY ${source} /x\n`, files)).error).toContain(
        'COPY failed: file not found in build context',
      );
    expect((await build('FROM busybox\nCOPY self /x\n', files)).error).toContain('too many links');
    // The context itself may be copied by a link to its top.
    expect((await build('FROM busybox\nCOPY up /x/\nRUN readlink /x/shadow\n', files)).text).toContain(
      '/etc/shadow',
    );
  });

  it('cannot write outside of it', async () => {
    const cases: [string, Entry[], RegExp][] = [
      ['dots', [{ name: '../out', content: 'x' }], /is outside of/],
      [
        'a hard link',
        [{ name: 'hard', type: 'link', linkname: '../../../../etc/passwd' }],
        /is outside of|no such file/,
      ],
      [
        'a device',
        [{ name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 }],
        /holds a device, "disk"/,
      ],
    ];
    for (const [name, files, message] of cases) {
      const { status, error } = await build('FROM busybox\n', files);
      expect({ name, status, error }).toMatchObject({ status: 400, error: expect.stringMatching(message) });
    }
    const through: Entry[] = [
      { name: 'way', type: 'symlink', linkname: '/../../../../../../tmp' },
      { name: 'way/davit-test-escaped', content: 'x' },
    ];
    expect((await build('FROM busybox\n', through)).error).toBe('');
    expect(readdirSync('/tmp')).not.toContain('davit-test-escaped');
  });

  it('may have many files', async () => {
    const files = Array.from({ length: many }, (_, at) => ({
      name: `f/${at % 100}/${at}`,
      content: `${at}`,
    }));
    const { text, error } = await build('FROM busybox\nCOPY . /all/\nRUN find /all -type f | wc -l\n', files);
    expect(error).toBe('');
    expect(text).toContain(`\n${many + 1}\n`);
  });

  it('may not have files that are larger than the disk, or a Dockerfile that nobody can have written', async () => {
    const archive = await tar([
      { name: 'Dockerfile', content: 'FROM busybox\n' },
      { name: 'big', content: '' },
    ]);
    // The size of the second entry, in base 256: a million gigabytes.
    archive.writeBigUInt64BE(10n ** 15n, 1024 + 128);
    archive[1024 + 124] = 0x80;
    archive.fill(0, 1024 + 125, 1024 + 128);
    let sum = 256;
    for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += archive[1024 + at] ?? 0;
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 1024 + 148, 'latin1');
    const body = (await requestBytes(engine.socket, 'POST', '/build?networkmode=none', archive)).toString();
    expect(body).toContain('the build context is too large: with \\"big\\" it has');
    const long = await build(
      `FROM busybox\n${'# a comment of forty characters, or so...\n'.repeat(260_000)}`,
    );
    expect(long).toMatchObject({
      status: 400,
      error: expect.stringContaining('no more than 1048576 are read'),
    });
    const folder = `${engine.directory}/sparse`;
    mkdirSync(folder);
    writeFileSync(`${folder}/Dockerfile`, 'FROM busybox\nCOPY . /\n');
    symlinkSync('nowhere', `${folder}/dangling`);
    await run('truncate', ['-s', '20G', `${folder}/sparse`]);
    const packed = await run(
      'sh',
      ['-c', `tar -S -c -C "$0" . | ${davit.argv.join(' ')} build --network none -`, folder],
      {
        env: davit.env,
      },
    );
    expect(packed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/sparse files are not supported|unhandled tar header/),
    });
  });
});

describe('a step that is not to be trusted', () => {
  it('is told of up to a limit when it prints without end', async () => {
    const { text, error } = await build('FROM busybox\nRUN yes | head -c 40000000; echo the end\n');
    expect(error).toBe('');
    expect(text).toContain('bytes of output: the rest is left out]');
    expect(text.length).toBeLessThan(20_000_000);
  });

  it('may not have processes without end', async () => {
    const script = 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; true';
    expect((await build(`FROM busybox\nRUN ${script}\n`)).text).toContain('\n16384\n');
  });
});

it('is built for dockerode', async () => {
  const folder = `${engine.directory}/dockerode`;
  mkdirSync(folder);
  writeFileSync(`${folder}/Dockerfile`, 'FROM busybox\nCOPY a /\nRUN cat /a\n');
  writeFileSync(`${folder}/a`, 'for dockerode');
  const docker = new Docker({ socketPath: engine.socket });
  const stream = await docker.buildImage(
    { context: folder, src: ['Dockerfile', 'a'] },
    { t: 'dockerode', networkmode: 'none' },
  );
  const messages: { stream?: string }[] = [];
  docker.modem.followProgress(
    stream,
    () => stream.emit('followed'),
    (message) => messages.push(message),
  );
  await once(stream, 'followed');
  expect(messages.map((message) => message.stream ?? '').join('')).toContain('for dockerode');
  expect((await docker.getImage('dockerode').inspect()).RepoTags).toEqual(['dockerode:latest']);
});
