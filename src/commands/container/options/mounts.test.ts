import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMount, parseTmpfs, parseVolumes } from './mounts.ts';

describe('parseVolumes', () => {
  it('tells paths and named volumes from volumes without a name', () => {
    expect(parseVolumes(['/a:/b:ro', 'data:/d', '/anonymous', './here:/h', '.:/dot', 'a::b'])).toEqual({
      binds: ['/a:/b:ro', 'data:/d', `${resolve('here')}:/h`, `${resolve('.')}:/dot`, 'a::b'],
      anonymous: { '/anonymous': {} },
    });
  });

  it.each([
    ['', 'invalid empty volume spec'],
    [':/x', 'invalid spec: :/x: empty section between colons'],
    ['/a:', 'invalid spec: /a:: empty section between colons'],
    ['/a:/b:ro,z:', 'invalid spec: /a:/b:ro,z:: too many colons'],
  ])('refuses "%s"', (spec, message) => {
    expect(() => parseVolumes([spec])).toThrow(message);
  });
});

describe('parseTmpfs', () => {
  it('splits paths from options', () => {
    expect(parseTmpfs(['/a:size=1m,mode=700', '/b'])).toEqual({ '/a': 'size=1m,mode=700', '/b': '' });
  });
});

describe('parseMount', () => {
  it.each([
    [
      'type=bind,src=/a,dst=/b,ro,bind-propagation=rslave',
      { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true, BindOptions: { Propagation: 'rslave' } },
    ],
    ['target=/data', { Type: 'volume', Target: '/data' }],
    [
      'source=v,destination=/d,volume-nocopy,volume-label=a=b,volume-driver=x,volume-opt=o=1,volume-opt=p=2',
      {
        Type: 'volume',
        Source: 'v',
        Target: '/d',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          DriverConfig: { Name: 'x', Options: { o: '1', p: '2' } },
        },
      },
    ],
    [
      'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770',
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024 ** 2, Mode: 0o1770 } },
    ],
    ['"type=bind","source=/with,comma",target=/x', { Type: 'bind', Source: '/with,comma', Target: '/x' }],
    [
      'type=bind,source=/a,target=/b,bind-recursive=disabled',
      { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { NonRecursive: true } },
    ],
  ])('reads %s', (text, mount) => {
    expect(parseMount(text)).toEqual(mount);
  });

  it.each([
    ['', 'EOF'],
    ['foo', "invalid field 'foo' must be a key=value pair"],
    ['type=', 'type is required'],
    ['type=bind', 'target is required'],
    ['type=bind,foo=bar', "unexpected key 'foo' in 'foo=bar'"],
    ['type=bind, source=/tmp,target=/x', "unexpected key ' source' in ' source=/tmp'"],
    ['type=bind,src=/x,target=/y,ro=z', 'invalid value for ro: z'],
    ['type=bind,target=/a,volume-nocopy=true', "cannot mix 'volume-*' options with mount type 'bind'"],
    ['type=tmpfs,target=/a,tmpfs-size=foo', 'invalid value for tmpfs-size: foo'],
    ['type=tmpfs,target=/a,tmpfs-mode=9', 'invalid value for tmpfs-mode: 9'],
    [
      'type=bind,source=/a,target=/b,bind-recursive=writable',
      "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction",
    ],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseMount(text)).toThrow(message);
  });
});
