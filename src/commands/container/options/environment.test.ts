import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collectEnvironment, collectLabels } from './environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-environment-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(content: string | Buffer): string {
  const path = join(directory, 'variables');
  writeFileSync(path, content);
  return path;
}

describe('collectEnvironment', () => {
  it('reads files before flags, with values of our own for names alone', () => {
    const path = file('# comment\n\nA=1\nB=two words\n  C=lead\nD="quoted"\nE=a#b\nHOME\nNONE\n');
    expect(
      collectEnvironment([path], ['B=override', 'USER', 'UNSET'], { HOME: '/root', USER: 'me' }),
    ).toEqual([
      'A=1',
      'B=two words',
      'C=lead',
      'D="quoted"',
      'E=a#b',
      'HOME=/root',
      'B=override',
      'USER=me',
      'UNSET',
    ]);
  });

  it('reads files of Windows', () => {
    expect(collectEnvironment([file('\uFEFFA=1\r\nB=2\r\n')], [], {})).toEqual(['A=1', 'B=2']);
  });

  it.each([
    ['=x\n', "no variable name on line '=x'"],
    ['A B=x\n', "variable 'A B' contains whitespaces"],
    [Buffer.from([65, 61, 255]), 'invalid utf8 bytes at line 1: [65 61 255]'],
  ])('refuses a file with %j', (content, message) => {
    const path = file(content);
    expect(() => collectEnvironment([path], [], {})).toThrow(`invalid env file (${path}): ${message}`);
  });

  it('names a file that is not there', () => {
    expect(() => collectEnvironment(['/nosuch.env'], [], {})).toThrow(
      'open /nosuch.env: no such file or directory',
    );
  });
});

describe('collectLabels', () => {
  it('lets flags win, and keeps names alone only from them', () => {
    expect(collectLabels([file('# c\nx=y\na=file\nonly\n')], ['a=b', 'c', 'd=e f'])).toEqual({
      x: 'y',
      a: 'b',
      c: '',
      d: 'e f',
    });
  });
});
