import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, it } from 'vitest';
import { flagRunner } from './support/flag-runner.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();
const { run, refusal } = flagRunner(davit);

describe.concurrent('the files of a container', () => {
  beforeAll(async () => {
    mkdirSync(`${engine.directory}/bound/below`, { recursive: true });
    writeFileSync(`${engine.directory}/bound/file`, 'of the host');
    const mounts = ['-v', `${engine.directory}/bound:/bound:ro`, '-v', 'kept:/kept', '-v', '/unnamed'];
    await davit.ok('run', '-d', '--name', 'giver', ...mounts, 'busybox', 'sleep', '1000');
    await davit.ok('exec', 'giver', 'sh', '-c', 'echo one > /kept/f; echo two > /unnamed/f');
  });

  it('are the host’s or a volume’s with --volume', async ({ expect }) => {
    const source = `${engine.directory}/bound`;
    expect(await run(['--volume', `${source}:/b`], 'cat /b/file; touch /b/made')).toBe('of the host');
    expect(readFileSync(`${source}/made`, 'utf8')).toBe('');
    expect(await run(['-v', `${source}:/b:ro`], 'touch /b/x')).toMatch(/Read-only file system/);
    expect(await run(['-v', 'kept:/k'], 'cat /k/f')).toBe('one');
    expect(await run(['-v', 'kept:/k:ro'], 'touch /k/x')).toMatch(/Read-only file system/);
  });

  it('are those of each type of --mount', async ({ expect }) => {
    const bind = `type=bind,src=${engine.directory}/bound,dst=/b,readonly`;
    expect(await run(['--mount', bind], 'cat /b/file; touch /b/x')).toMatch(/^of the host.*Read-only/s);
    const memory = 'type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700';
    expect(await run(['--mount', memory], 'stat -c %a /t; df -k /t | tail -1')).toMatch(/^700\ntmpfs +1024 /);
    expect(await run(['--mount', 'type=volume,src=kept,dst=/k'], 'cat /k/f')).toBe('one');
    expect(await refusal('--mount', 'type=npipe,src=c,dst=/c')).toContain('mount type unknown');
    if (againstOriginal.engine) return;
    const image = ['--mount', 'type=image,src=busybox,dst=/i,image-subpath=etc'];
    expect(await run(image, 'cat /i/passwd | head -1')).toMatch(/^root:x:0:0:/);
  });

  it('are in memory with --tmpfs, as large and open as it says', async ({ expect }) => {
    const flags = ['--tmpfs', '/a', '--tmpfs', '/b:size=1m,mode=700,exec'];
    const script =
      'grep " /a " /proc/mounts; stat -c %a /b; df -k /b | tail -1; dd if=/dev/zero of=/b/f bs=1k count=1025';
    const output = await run(flags, script);
    expect(output).toMatch(/^tmpfs \/a tmpfs rw,nosuid,nodev,noexec,relatime/);
    expect(output).toMatch(/\n700\ntmpfs +1024 /);
    expect(output).toContain('No space left on device');
  });

  it('are another’s with --volumes-from, read-only when asked', async ({ expect }) => {
    const show = 'cat /bound/file /kept/f /unnamed/f; touch /kept/x && echo written';
    expect(await run(['--volumes-from', 'giver'], show)).toBe('of the hostone\ntwo\nwritten');
    expect(await run(['--volumes-from', 'giver:ro'], show)).toMatch(/Read-only file system$/);
    expect(await run(['--volumes-from', 'giver'], 'touch /bound/x')).toMatch(/Read-only file system/);
  });

  it('are on volumes of the driver of --volume-driver', async ({ expect }) => {
    expect(await run(['--volume-driver', 'local', '-v', 'driven:/d'], 'touch /d/f; ls /d')).toBe('f');
    expect(await davit.ok('volume', 'inspect', '-f', '{{.Driver}}', 'driven')).toBe('local');
    const refused = await refusal('--volume-driver', 'nosuch', '-v', 'x:/x');
    expect(refused).toMatch(/error looking up volume plugin nosuch|Unable to find image/);
  });

  it('cannot be written with --read-only, but where something is mounted', async ({ expect }) => {
    const script = 'touch /f; touch /etc/hosts; touch /t/f && echo written';
    const lines = (await run(['--read-only', '--tmpfs', '/t'], script)).split('\n');
    expect(lines).toEqual([
      expect.stringContaining('Read-only file system'),
      expect.stringContaining('Read-only file system'),
      'written',
    ]);
  });

  it('are kept as always, whatever --storage-opt asks for: that is refused', async ({ expect }) => {
    expect(await refusal('--storage-opt', 'size=10g')).toContain(
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    );
    expect(await refusal('--storage-opt', 'colour=red')).toMatch(/unknown option|Unknown option|invalid/i);
  });
});
