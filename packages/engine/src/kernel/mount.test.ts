import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mount, mountFlags, unmount } from './mount.ts';

describe.skipIf(process.getuid?.() !== 0)('mount and unmount', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'davit-mount-'));
  });
  afterEach(async () => {
    await unmount(directory);
    rmSync(directory, { recursive: true });
  });

  it('mounts with flags and options, and takes it away', async () => {
    mount('davit', directory, 'tmpfs', mountFlags.noPrograms, 'size=64k,mode=700');
    const line = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((each) => each.split(' ')[4] === directory);
    expect(line).toMatch(/ rw,noexec,relatime .*- tmpfs davit rw,size=64k,mode=700/);
    writeFileSync(join(directory, 'file'), 'x');
    expect(await unmount(directory)).toBe(true);
    expect(await unmount(directory)).toBe(false);
  });

  it('says that nothing was there to unmount', async () => {
    expect(await unmount(join(directory, 'missing'))).toBe(false);
  });

  it('names the error of a mount that the kernel refuses', () => {
    expect(() => mount('davit', join(directory, 'missing'), 'tmpfs', 0, '')).toThrow(
      expect.objectContaining({ message: 'mount: ENOENT', code: 'ENOENT' }),
    );
    expect(() => mount('davit', directory, 'no-such-type', 0, '')).toThrow(
      expect.objectContaining({ code: 'ENODEV' }),
    );
  });
});
