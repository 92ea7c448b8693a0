import { type HostConfig, hostConfig, zero } from '@davit/api';
import { expect, test } from 'vitest';
import { parseBind, parseVolumesFrom } from './binds.ts';
import { describeMount, parseMounts } from './mounts.ts';

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
  ['/a:/b:copy', 'invalid mode: copy'],
  [
    '/a:/b:nocopy',
    `invalid volume specification: '/a:/b:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
  ],
  [
    'a:/b:shared',
    `invalid volume specification: 'a:/b:shared': invalid mount config for type "volume": field BindOptions must not be specified`,
  ],
  ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
])('the bind %s is refused', (text, message) => {
  expect(() => parseBind(text)).toThrow(message);
});

test('a name instead of a path is that of a volume', () => {
  expect(parseBind('data:/srv', 'other')).toMatchObject({
    type: 'volume',
    mode: 'z',
    propagation: '',
    volume: { name: 'data', driver: 'other', isAnonymous: false, isFilled: true },
  });
  expect(parseBind('data:/srv:ro,nocopy')).toMatchObject({
    mode: 'ro,nocopy',
    readOnly: true,
    volume: { isFilled: false },
  });
  expect(parseBind('/srv').volume).toMatchObject({ name: '', isAnonymous: true });
});

test('mounts of other containers have a mode of their own', () => {
  expect(parseVolumesFrom('web')).toEqual({ container: 'web', readOnly: false });
  expect(parseVolumesFrom('web:ro,z')).toEqual({ container: 'web', readOnly: true });
  for (const mode of ['zz', 'rshared', 'nocopy'])
    expect(() => parseVolumesFrom(`web:${mode}`)).toThrow(`invalid mode: ${mode}`);
  expect(() => parseVolumesFrom('')).toThrow('volumes-from specification cannot be an empty string');
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
  [
    { Type: 'volume', Target: '/x', ReadOnly: true },
    'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
  ],
  [
    { Type: 'volume', Target: '/x', VolumeOptions: { Subpath: 'a' } },
    'invalid mount config for type "volume": must not set Subpath when using anonymous volumes',
  ],
  ...['/a', '..', 'a/../../b'].map((Subpath) => [
    { Type: 'volume', Source: 'v', Target: '/x', VolumeOptions: { Subpath } },
    'invalid mount config for type "volume": subpath must be a relative path within the volume',
  ]),
  [
    { Type: 'volume', Source: 'v', Target: '/x', BindOptions: {} },
    'invalid mount config for type "volume": field BindOptions must not be specified',
  ],
  [{ Type: 'image', Target: '/x' }, 'invalid mount config for type "image": field Source must not be empty'],
] as [object, string][])('the mount %j is refused', (mount, message) => {
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
  const [other] = parse({
    Mounts: [
      { Type: 'tmpfs', Target: '/t', ReadOnly: true, TmpfsOptions: { Options: [['exec'], ['uid', '3']] } },
    ],
  });
  expect(other?.options).toBe('ro,exec,uid=3');
});

test('the destination of --tmpfs is checked, too', () => {
  expect(() => parse({ Tmpfs: { rel: '' } })).toThrow(
    "invalid mount path: 'rel' mount path must be absolute",
  );
});
