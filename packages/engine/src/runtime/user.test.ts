import { describe, expect, it } from 'vitest';
import { resolveUser } from './user.ts';

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:Web:/srv/web:/bin/sh\n# comment\nbroken line\n',
  group: 'root:x:0:\nweb:x:102:\naudio:x:29:web,other\nvideo:x:44:other\n',
};

describe('resolveUser', () => {
  it.each([
    ['', { uid: 0, gid: 0, additionalGids: [0], home: '/root' }],
    ['web', { uid: 101, gid: 102, additionalGids: [102, 29], home: '/srv/web' }],
    ['101', { uid: 101, gid: 102, additionalGids: [102, 29], home: '/srv/web' }],
    ['web:video', { uid: 101, gid: 44, additionalGids: [44], home: '/srv/web' }],
    ['5000:6000', { uid: 5000, gid: 6000, additionalGids: [6000], home: '/' }],
    ['5000', { uid: 5000, gid: 0, additionalGids: [0], home: '/' }],
  ])('reads %j', (wish, expected) => {
    expect(resolveUser(wish, [], files)).toEqual(expected);
  });

  it('adds groups by name and number, each once', () => {
    expect(resolveUser('web', ['video', '44', '77'], files).additionalGids).toEqual([102, 29, 44, 77]);
  });

  it('needs no files for numbers', () => {
    expect(resolveUser('1:2', ['3'], { passwd: '', group: '' }).additionalGids).toEqual([2, 3]);
  });

  it.each([
    ['foo', [], 'unable to find user foo: no matching entries in passwd file'],
    ['web:foo', [], 'unable to find group foo: no matching entries in group file'],
    ['web', ['foo'], 'unable to find group foo: no matching entries in group file'],
    ['2147483648', [], 'uids and gids must be in range 0-2147483647'],
    ['-1', [], 'uids and gids must be in range 0-2147483647'],
    ['0:4294967296', [], 'uids and gids must be in range 0-2147483647'],
  ])('refuses %j with %j', (wish, groupAdd, message) => {
    expect(() => resolveUser(wish, groupAdd, files)).toThrow(message);
  });

  it('refuses a number in passwd that no user can have', () => {
    expect(() =>
      resolveUser('evil', [], { passwd: 'evil:x:9007199254740993:0::/:/bin/sh', group: '' }),
    ).toThrow('must be in range');
  });
});
