import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';
import { busyboxImage, dockerArchive } from './support/image.ts';
import { createOnDemand } from './support/on-demand.ts';

const directory = mkdtempSync(`${tmpdir()}/davit-test-pack-`);
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };

describe('the package', () => {
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is one tarball, which installs into an empty folder and runs containers there', async () => {
    // What it is made of is built already; a second build would take it away from other tests.
    const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory, '--json'], {
      cwd: root,
      env,
    });
    expect(packed.code, packed.stderr).toBe(0);
    const [{ filename, files }] = JSON.parse(packed.stdout) as [
      { filename: string; files: { path: string }[] },
    ];
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining(['bin/davit', 'bin/davitd', 'README.md', 'LICENSE', 'dist/licenses.txt']),
    );
    expect(paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);

    const licenses = readFileSync(`${root}/dist/licenses.txt`, 'utf8');
    for (const name of ['commander', 'undici', 'tar-fs', 'ws']) expect(licenses).toContain(`\n${name} `);

    const target = `${directory}/app`;
    await run('mkdir', [target]);
    writeFileSync(`${target}/package.json`, '{"private":true}');
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', `${directory}/${filename}`];
    const installed = await run('npm', install, { cwd: target, env, timeout: 120_000 });
    expect(installed.code, installed.stderr).toBe(0);

    const machine = await createOnDemand(`${target}/node_modules/.bin/davit`, { PATH: env.PATH });
    try {
      const archive = await dockerArchive([await busyboxImage()]);
      expect(await machine.davit.with({ input: archive }).ok('load')).toBe('Loaded image: busybox:latest');
      expect(await machine.davit.ok('run', '--rm', 'busybox', 'echo', 'from the package')).toBe(
        'from the package',
      );
    } finally {
      await machine.discard();
    }
  });

  it('says in one line what it needs when Node is too old', async () => {
    const { stdout } = await run('node', ['--version'], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } });
    const major = Number(/^v(\d+)/.exec(stdout)?.[1] ?? 24);
    if (major >= 24) return;
    const { code, stderr } = await run(`${directory}/app/node_modules/.bin/davit`, ['version'], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
    expect(code).not.toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/Node(\.js)? 24/);
  });

  it('runs from the checkout on the Node that came with its dependencies', async () => {
    const { code, stdout } = await run(`${root}/bin/davit`, ['--version'], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/version/i);
  });
});
