import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mount, mountFlags, mountOf, unmount } from './mount.ts';

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

describe('mountOf', () => {
  const table = [
    '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw',
    '30 21 0:25 / /a rw - tmpfs x rw',
    '31 21 0:26 / /a\\040b rw shared:7 master:1 - tmpfs x rw',
    '32 30 0:27 / /a/b rw master:3 - tmpfs x rw',
    '33 32 0:28 / /a/b rw - tmpfs over rw',
    '',
  ].join('\n');

  it.each([
    ['/', '/', true, false],
    ['/ab', '/', true, false],
    ['/a', '/a', false, false],
    ['/a/bc', '/a', false, false],
    ['/a b/c', '/a b', true, true],
    // What lies over another mount hides it.
    ['/a/b/c', '/a/b', false, false],
  ])('finds what %s belongs to', (path, point, isShared, isSlave) => {
    expect(mountOf(path, table)).toEqual({ point, isShared, isSlave });
  });
});
