import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../parser.ts';
import { createFlags } from './flags.ts';
import { attachedStreams, createRequest } from './request.ts';

function optionsOf(...args: string[]) {
  return parseArguments(createFlags, args, { stopAtFirstArgument: true });
}

function request(...args: string[]) {
  const { options, args: rest } = optionsOf(...args);
  const [image = '', ...command] = rest;
  return createRequest(options, {
    image,
    command,
    environment: { HOME: '/root' },
    proxies: {},
    consoleSize: [0, 0],
  });
}

describe('createRequest', () => {
  it('leaves the command of the image alone when there is none', () => {
    expect(request('busybox')).toMatchObject({
      Image: 'busybox',
      Cmd: null,
      Entrypoint: null,
      OpenStdin: false,
    });
  });

  it('gives everything after the image to the container', () => {
    expect(request('--rm', 'busybox', 'sh', '-c', '--rm', '--', '-it')).toMatchObject({
      Cmd: ['sh', '-c', '--rm', '--', '-it'],
      HostConfig: { AutoRemove: true },
    });
  });

  it('takes the entrypoint of the image away when it is empty', () => {
    expect(request('--entrypoint', '', 'busybox').Entrypoint).toEqual(['']);
    expect(request('--entrypoint', 'sh', 'busybox').Entrypoint).toEqual(['sh']);
  });

  it('ends standard input with the client that attached it', () => {
    expect(request('-i', 'busybox')).toMatchObject({ OpenStdin: true, StdinOnce: true, AttachStdin: true });
    expect(request('-a', 'stdin', 'busybox')).toMatchObject({ OpenStdin: false, StdinOnce: false });
  });

  it('maps resources', () => {
    expect(request('-m', '64m', '--cpus', '1.5', '--pids-limit', '10', 'busybox').HostConfig).toMatchObject({
      Memory: 64 * 1024 ** 2,
      NanoCpus: 1_500_000_000,
      PidsLimit: 10,
      OomKillDisable: false,
      MemorySwappiness: -1,
    });
  });

  it('names capabilities as docker does', () => {
    const flags =
      '--cap-add net_admin --cap-add CAP_MKNOD --cap-add NET_ADMIN --cap-drop all --cap-drop chown';
    expect(request(...flags.split(' '), 'busybox').HostConfig).toMatchObject({
      CapAdd: ['CAP_MKNOD', 'CAP_NET_ADMIN'],
      CapDrop: ['ALL', 'CAP_CHOWN'],
    });
  });

  it('leaves lists null that docker leaves null', () => {
    expect(request('busybox').HostConfig).toMatchObject({
      Binds: null,
      CapAdd: null,
      ExtraHosts: null,
      Dns: [],
      Devices: [],
      Init: undefined,
    });
  });

  it('lets proxies of the configuration give way to flags', () => {
    const { options } = optionsOf('-e', 'HTTP_PROXY=mine', 'busybox');
    const { Env } = createRequest(options, {
      image: 'busybox',
      command: [],
      environment: {},
      proxies: { HTTP_PROXY: 'theirs', http_proxy: 'theirs' },
      consoleSize: [0, 0],
    });
    expect(Env).toEqual(['http_proxy=theirs', 'HTTP_PROXY=mine']);
  });

  it.each([
    [['--rm', '--restart', 'always'], 'conflicting options: cannot specify both --restart and --rm'],
    [['--restart', 'a:b'], 'invalid restart policy format: maximum retry count must be an integer'],
    [['--restart', ':3'], 'invalid restart policy format: no policy provided before colon'],
    [['--memory-swappiness', '200'], 'invalid value: 200. Valid memory swappiness range is 0-100'],
    [['--mac-address', 'foo'], 'foo is not a valid mac address'],
    [['--pid', 'foo'], '--pid: invalid PID mode'],
    [['--uts', 'foo'], '--uts: invalid UTS mode'],
    [['--userns', 'foo'], '--userns: invalid USER mode'],
    [['--cgroupns', 'foo'], '--cgroupns: invalid CGROUP mode'],
    [['--security-opt', 'foo'], 'Invalid --security-opt: "foo"'],
    [
      ['--security-opt', 'seccomp=/nosuch'],
      'opening seccomp profile (/nosuch) failed: open /nosuch: no such file or directory',
    ],
    [['--storage-opt', 'foo'], 'invalid storage option'],
    [['--log-driver', 'none', '--log-opt', 'a=b'], 'invalid logging opts for driver none'],
    [['--health-cmd', 'x', '--no-healthcheck'], '--no-healthcheck conflicts with --health-* options'],
    [['--health-interval', '-1s'], '--health-interval cannot be negative'],
  ])('refuses %j', (args, message) => {
    expect(() => request(...args, 'busybox')).toThrow(message);
  });

  it('unmasks the system on request', () => {
    expect(request('--security-opt', 'systempaths=unconfined', 'busybox').HostConfig).toMatchObject({
      SecurityOpt: null,
      MaskedPaths: [],
      ReadonlyPaths: [],
    });
  });
});

describe('flags of create', () => {
  it.each([
    ['--kernel-memory=5m', 'kernels have no such limit any more'],
    ['--disable-content-trust=false', 'signatures of images cannot be verified here'],
    ['--sysctl=foo=1', "sysctl 'foo=1' is not allowed"],
    ['--add-host=foo:nope', 'invalid IP address in add-host: "nope"'],
    ['--dns=x', 'IP address is not correctly formatted: x'],
    ['--dns-search=a b', 'a b is not a valid domain'],
    ['--link=a:b:c', 'bad format for links: a:b:c'],
    ['--label==x', "invalid label '=x': empty name"],
    ['--env==x', 'invalid environment variable: =x'],
    ['--attach=foo', 'valid streams are STDIN, STDOUT and STDERR'],
    ['--gpus=foo', 'invalid count (foo): value must be either "all" or an integer: invalid syntax'],
    ['--blkio-weight=70000', 'strconv.ParseUint: parsing "70000": value out of range'],
    ['--memory-swap=-2', "invalid size: '-2'"],
  ])('refuse %s', (argument, message) => {
    expect(() => optionsOf(argument, 'busybox')).toThrow(message);
  });

  it('read hosts with either sign, and addresses in brackets', () => {
    expect(
      optionsOf('--add-host', 'a:::1', '--add-host', 'b=[::1]', '--add-host', 'h:host-gateway').options
        .addHost,
    ).toEqual(['a:::1', 'b:::1', 'h:host-gateway']);
  });
});

describe('attachedStreams', () => {
  it.each([
    [[], { stdin: false, stdout: true, stderr: true }],
    [['-i'], { stdin: true, stdout: true, stderr: true }],
    [['-a', 'STDERR'], { stdin: false, stdout: false, stderr: true }],
    [['-i', '-a', 'stdin'], { stdin: true, stdout: false, stderr: false }],
  ])('with %j', (args, streams) => {
    expect(attachedStreams(optionsOf(...args, 'busybox').options)).toEqual(streams);
  });
});
