import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNode, setExtendedAttribute } from './files.ts';

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
});
