import { type HostConfig, hostConfig, zero } from '@davit/api';
import { expect, test } from 'vitest';
import { describeMount, parseBind, parseMounts } from './mounts.ts';

const parse = (part: unknown) => parseMounts(hostConfig(part, '') as HostConfig);

test('a bind has a source, a destination and a mode', () => {
  expect(parseBind('/a/./b/:/c//d')).toMatchObject({
    type: 'bind',
    source: '/a/b',
    destination: '/c/d',
    readOnly: false,
    propagation: 'rprivate',
    createSource: true,
  });
  expect(parseBind('/a:/b:ro,z,rshared')).toMatchObject({
    mode: 'ro,z,rshared',
    readOnly: true,
    propagation: 'rshared',
  });
});

test.each([
  ['a:b:c:d', "invalid volume specification: 'a:b:c:d'"],
  [':/b', "invalid volume specification: ':/b'"],
  ['/foo:rw', "invalid volume specification: '/foo:rw'"],
  [
    '/a:b',
    `invalid volume specification: '/a:b': invalid mount config for type "bind": invalid mount path: 'b' mount path must be absolute`,
  ],
  [
    '/a:/',
    `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
  ],
  [
    '/a:/x/..',
    `invalid volume specification: '/a:/x/..': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
  ],
  ['/a:/b:zz', 'invalid mode: zz'],
  ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
])('the bind %s is refused', (text, message) => {
  expect(() => parseBind(text)).toThrow(message);
});

test('a named volume is refused with its name', () => {
  expect(() => parseBind('data:/srv')).toThrow("volumes are not supported yet: 'data:/srv'");
});

test.each([
  [
    { Type: 'bind', Source: 'rel', Target: '/x' },
    `invalid mount config for type "bind": invalid mount path: 'rel' mount path must be absolute`,
  ],
  [{ Type: 'bind', Target: '/x' }, 'invalid mount config for type "bind": field Source must not be empty'],
  [{ Type: 'bind', Source: '/a' }, 'invalid mount config for type "bind": field Target must not be empty'],
  [{ Type: 'zz', Source: '/a', Target: '/x' }, 'invalid mount config for type "zz": mount type unknown'],
  [
    { Type: 'tmpfs', Source: '/a', Target: '/x' },
    'invalid mount config for type "tmpfs": field Source must not be specified',
  ],
  [
    { Type: 'tmpfs', Target: '/x', BindOptions: {} },
    'invalid mount config for type "tmpfs": field BindOptions must not be specified',
  ],
])('the mount %j is refused', (mount, message) => {
  expect(() => parse({ Mounts: [mount] })).toThrow(message);
});

test('one destination is mounted once', () => {
  expect(() => parse({ Binds: ['/a:/b'], Mounts: [{ Type: 'tmpfs', Target: '/b/' }] })).toThrow(
    'Duplicate mount point: /b',
  );
});

test('a tmpfs carries its size and mode, and is shown as docker shows it', () => {
  const [mount] = parse({
    Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Mode: 0o700 } }],
  });
  if (!mount) throw new Error('no mount');
  expect(mount.options).toBe('size=1024,mode=700');
  expect(describeMount(mount)).toEqual({
    Type: 'tmpfs',
    Source: '',
    Destination: '/t',
    Mode: '',
    RW: true,
    Propagation: '',
  });
  expect(parseMounts(zero(hostConfig))).toEqual([]);
});

test('the destination of --tmpfs is checked, too', () => {
  expect(() => parse({ Tmpfs: { rel: '' } })).toThrow(
    "invalid mount path: 'rel' mount path must be absolute",
  );
});
