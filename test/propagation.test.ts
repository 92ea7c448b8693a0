import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, it } from 'vitest';
import { createClient } from './support/client.ts';
import { start } from './support/command.ts';
import { flagRunner } from './support/flag-runner.ts';
import { useEngine } from './support/use-engine.ts';

/** A mount namespace of the test's own is the host: others may copy the machine's at any time, and keep what they got. */
const holder = start(
  'unshare',
  ['--mount', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep 1000'],
  {
    timeout: 600_000,
  },
);
await holder.prints('ready');
const inside = ['nsenter', `--mount=/proc/${holder.child.pid}/ns/mnt`, '--'];
const host = createClient(inside, { env: { PATH: process.env.PATH } });
/** Where the test itself finds what is at a path of that host. */
const seen = (path: string) => `/proc/${holder.child.pid}/root${path}`;
const read = (path: string) => readFileSync(seen(path), 'utf8');

const { davit, engine } = await useEngine({ inside });
const { run, refusal } = flagRunner(davit);

// Before the engine is there: it sees what is mounted later only where the host shares that.
const [open, closed] = [`${engine.directory}/open`, `${engine.directory}/closed`];
for (const folder of [open, closed]) {
  await host.ok('mkdir', folder);
  await host.ok('mount', '-t', 'tmpfs', 'davit-test', folder);
}
await host.ok('mount', '--make-shared', open);
await host.ok('mkdir', `${open}/below`);
await host.ok('mount', '-t', 'tmpfs', 'davit-test', `${open}/below`);
writeFileSync(seen(`${open}/below/file`), 'below');
afterAll(async () => {
  try {
    for (const folder of [open, closed]) await host.ok('umount', '--recursive', folder);
  } finally {
    holder.signal('SIGKILL');
    await holder.done;
  }
});

describe.concurrent('the propagation of mounts', () => {
  it('is refused as shared or slave where the host shares nothing', async ({ expect }) => {
    const closed = `${engine.directory}/closed`;
    for (const mode of ['shared', 'rshared']) {
      const reason = `path ${closed} is mounted on ${closed} but it is not a shared mount`;
      expect(await refusal('-v', `${closed}:/b:${mode}`)).toContain(reason);
      const flag = `type=bind,src=${closed},dst=/b,bind-propagation=${mode}`;
      expect(await refusal('--mount', flag)).toContain(reason);
    }
    for (const mode of ['slave', 'rslave']) {
      const reason = `path ${closed} is mounted on ${closed} but it is not a shared or slave mount`;
      expect(await refusal('-v', `${closed}:/b:${mode}`)).toContain(reason);
    }
    expect(await run(['-v', `${closed}:/b:rprivate`], 'echo hi')).toBe('hi');
  });

  it('makes mounts one with the host’s, or lets them follow it', async ({ expect }) => {
    const open = `${engine.directory}/open`;
    const start = async (name: string, mode: string) => {
      const rights = ['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined'];
      const flags = [...rights, '--name', name, '-v', `${open}:/b:${mode}`];
      await davit.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000');
      const inside = (script: string) => davit.ok('exec', name, 'sh', '-c', script);
      return inside;
    };
    const [equal, slave] = await Promise.all([start('equal', 'rshared'), start('slave', 'rslave')]);
    await equal('mkdir /b/made && mount -t tmpfs made /b/made && echo of equal > /b/made/file');
    expect(read(`${open}/made/file`)).toBe('of equal\n');
    expect(await slave('cat /b/made/file')).toBe('of equal');
    await slave('mkdir /b/kept && mount -t tmpfs kept /b/kept && touch /b/kept/file');
    expect(existsSync(seen(`${open}/kept/file`))).toBe(false);
    await host.ok('mkdir', `${open}/later`);
    await host.ok('mount', '-t', 'tmpfs', 'later', `${open}/later`);
    writeFileSync(seen(`${open}/later/file`), 'of the host');
    for (const inside of [equal, slave])
      expect(await inside('cat /b/below/file /b/later/file')).toBe('belowof the host');
    // What the host has is still there when they are gone.
    await davit.ok('rm', '-f', 'equal', 'slave');
    for (const name of ['below', 'later', 'made']) expect(read(`${open}/${name}/file`)).not.toBe('');
    expect(await run(['-v', `${open}/below/file:/f:shared`], 'cat /f')).toBe('below');
    expect(read(`${open}/below/file`)).toBe('below');
  });
});
