import { describe, expect, it } from 'vitest';
import { alignTabs } from './table.ts';
import { layoutTerminalTable } from './terminal-table.ts';

describe('alignTabs', () => {
  it('makes columns at least ten wide, with three spaces between them', () => {
    expect(alignTabs('TAG\tIMAGE ID\tSIZE\nlatest\t0123456789ab\t1MB\n')).toBe(
      'TAG       IMAGE ID       SIZE\nlatest    0123456789ab   1MB\n',
    );
  });

  it('pads the cell before an empty last one', () => {
    expect(alignTabs('A\tB\nlonger than ten\t\n')).toBe('A                 B\nlonger than ten   \n');
  });

  it('aligns lines only with neighbours that have the column', () => {
    expect(alignTabs('a\tb\nplain\nlong enough here\tc\n')).toBe(
      'a         b\nplain\nlong enough here   c\n',
    );
  });

  it('counts characters, not bytes', () => {
    expect(alignTabs('zwölf Wörter…\tx\nabcdefghijklm\ty\n')).toBe('zwölf Wörter…   x\nabcdefghijklm   y\n');
  });

  it('takes another layout', () => {
    expect(alignTabs(' Version:\t1\n API version:\t2', { leastWidth: 20, gap: 1 })).toBe(
      ' Version:           1\n API version:       2',
    );
  });
});

describe('layoutTerminalTable', () => {
  const rows = [
    ['CONTAINER ID', 'IMAGE', 'NAMES'],
    ['0123456789ab', 'busybox', 'web'],
    ['ba9876543210', '', 'db'],
  ];

  it('looks as it does in a pipe', () => {
    const text = rows.map((row) => row.join('\t')).join('\n');
    expect(layoutTerminalTable(rows)).toBe(alignTabs(text));
  });

  it('stays straight under wide characters and colours', () => {
    const lines = layoutTerminalTable([
      ['NAME', 'STATE'],
      ['容器容器容器', '\x1b[32mup\x1b[39m'],
      ['web', 'down'],
    ]).split('\n');
    expect(lines).toEqual([
      'NAME           STATE',
      '容器容器容器   \x1b[32mup\x1b[39m',
      'web            down',
    ]);
  });

  it('lays out one column, and more rows than one piece', () => {
    expect(layoutTerminalTable([['A'], ['b']])).toBe('A\nb');
    const many = Array.from({ length: 120 }, (_none, at) => [`name ${at}`, `${at}`]);
    expect(layoutTerminalTable(many)).toBe(alignTabs(many.map((row) => row.join('\t')).join('\n')));
  });
});
