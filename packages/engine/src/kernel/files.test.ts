import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNode, setExtendedAttribute, spreadFolders } from './files.ts';

describe.skipIf(process.getuid?.() !== 0)('nodes and extended attributes', () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  const stat = (name: string, format: string) =>
    execFileSync('stat', ['-c', format, at(name)], { encoding: 'utf8' }).trim();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'davit-files-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes devices with large numbers, and pipes', () => {
    makeNode(at('null'), 'c', 1, 3);
    makeNode(at('disk'), 'b', 0xabc, 0xfedcb);
    makeNode(at('pipe'), 'p', 7, 7);
    expect(stat('null', '%F %Hr,%Lr %a')).toBe('character special file 1,3 600');
    expect(stat('disk', '%F %Hr,%Lr')).toBe(`block special file ${0xabc},${0xfedcb}`);
    expect(statSync(at('pipe')).isFIFO()).toBe(true);
    expect(() => makeNode(at('pipe'), 'p', 0, 0)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });

  it('sets attributes of any bytes', () => {
    writeFileSync(at('file'), '');
    setExtendedAttribute(at('file'), 'trusted.n\xc3\xa9', 'a\0\xff');
    // tar tells of an attribute in the records of its header.
    const options = ['--format=posix', '--xattrs', '--xattrs-include=*', '-C', directory, '-c', 'file'];
    const tar = execFileSync('tar', options).toString('latin1');
    expect(tar).toContain('SCHILY.xattr.trusted.n\xc3\xa9=a\0\xff\n');
    expect(() => setExtendedAttribute(at('file'), 'nonsense', '')).toThrow(
      expect.objectContaining({ code: 'ENOTSUP' }),
    );
  });

  it('has a file system spread folders, where it knows how', ({ skip }) => {
    // procfs has no such flags.
    spreadFolders('/proc/self');
    const flagsOf = (path: string) =>
      execFileSync('lsattr', ['-d', path], { encoding: 'utf8' }).split(' ')[0];
    const name = execFileSync('stat', ['-f', '-c', '%T', directory], { encoding: 'utf8' }).trim();
    skip(name !== 'ext2/ext3', `ext4 alone has this, not ${name}`);
    expect(flagsOf(directory)).not.toContain('T');
    spreadFolders(directory);
    mkdirSync(at('folder'));
    expect(flagsOf(directory)).toContain('T');
    // It is not passed on to what is made inside.
    expect(flagsOf(at('folder'))).not.toContain('T');
  });
});
