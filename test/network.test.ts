import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Result, run, start } from './support/command.ts';
import { busyboxLayer, dockerArchive } from './support/image.ts';
import { otherAddress } from './support/network-namespace.ts';
import { differs } from './support/original.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

/** Runs a program on the engine's "machine". */
function onHost(...argv: string[]): Promise<Result> {
  const [program = '', ...args] = engine.network.enter(argv);
  return run(program, args);
}

const curl = (...args: string[]) => onHost('curl', '-s', '--max-time', '2', ...args);

/** Flags that bring Node and the libraries that it needs into a container of busybox. */
const withNode = ['/usr', '/lib', '/lib64']
  .filter((directory) => existsSync(directory))
  .flatMap((directory) => ['-v', `${directory}:${directory}:ro`])
  .concat('-v', `${process.execPath}:/bin/node:ro`);

function serves(text: string): string {
  return `mkdir /www; echo ${text} > /www/index.html; exec httpd -f -p 80 -h /www`;
}

async function server(name: string, ...flags: string[]): Promise<void> {
  await davit.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sh', '-c', serves(name));
}

async function answersWith(url: string, text: string): Promise<void> {
  await waitFor(async () => (await curl(url)).stdout === `${text}\n`, `${text} from ${url}`);
}

async function addressOf(name: string): Promise<string> {
  const [info] = JSON.parse(await davit.ok('inspect', name)) as { NetworkSettings: { IPAddress: string } }[];
  return info?.NetworkSettings.IPAddress ?? '';
}

async function publishedPort(name: string, port: string): Promise<number> {
  const [info] = JSON.parse(await davit.ok('inspect', name)) as {
    NetworkSettings: { Ports: Record<string, { HostPort: string }[]> };
  }[];
  return Number(info?.NetworkSettings.Ports[port]?.[0]?.HostPort);
}

describe('published ports', () => {
  it('are reached on every address of the machine', async () => {
    await server('everywhere', '-p', '8080:80');
    await answersWith('http://127.0.0.1:8080/', 'everywhere');
    await answersWith(`http://${otherAddress}:8080/`, 'everywhere');
    expect(await davit.ok('ps', '--filter', 'name=everywhere', '--format', '{{json .Ports}}')).toContain(
      '0.0.0.0:8080->80/tcp',
    );
    await davit.ok('rm', '-f', 'everywhere');
    expect((await curl('http://127.0.0.1:8080/')).code).toBe(7);
  });

  it('are reached only on the address that was asked for', async () => {
    await server('local', '-p', '127.0.0.1:8081:80');
    await answersWith('http://127.0.0.1:8081/', 'local');
    expect((await curl(`http://${otherAddress}:8081/`)).code).not.toBe(0);
    await davit.ok('rm', '-f', 'local');
  });

  it('are chosen by the engine when not given', async () => {
    await server('random', '-p', '80');
    const port = await publishedPort('random', '80/tcp');
    expect(port).toBeGreaterThan(1023);
    await answersWith(`http://127.0.0.1:${port}/`, 'random');
    await davit.ok('rm', '-f', 'random');
  });

  it('are all that the image exposes with -P', async () => {
    const image = {
      tags: ['web:latest'],
      layers: [await busyboxLayer()],
      config: { ExposedPorts: { '80/tcp': {} } },
    };
    await engine.request('POST', '/images/load', await dockerArchive([image]));
    await davit.ok('run', '-d', '--name', 'exposed', '-P', 'web', 'sh', '-c', serves('exposed'));
    await answersWith(`http://127.0.0.1:${await publishedPort('exposed', '80/tcp')}/`, 'exposed');
    await davit.ok('rm', '-f', 'exposed');
  });

  it('carry UDP there and back, on every address', async () => {
    const echo = `
      const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (message, from) => socket.send(message, from.port, from.address));
      socket.bind(9000);`;
    await davit.ok(
      'run',
      '-d',
      '--name',
      'udp',
      '-p',
      '9000:9000/udp',
      ...withNode,
      'busybox',
      'node',
      '-e',
      echo,
    );
    const client = `
      const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (message) => { console.log(String(message)); process.exit(0); });
      setInterval(() => socket.send('echo', 9000, process.argv[1], () => undefined), 100);
      setTimeout(() => process.exit(1), 10_000);`;
    for (const address of ['127.0.0.1', otherAddress]) {
      const result = await onHost(process.execPath, '-e', client, address);
      expect(result, address).toMatchObject({ code: 0, stdout: 'echo\n' });
    }
    await davit.ok('rm', '-f', 'udp');
  });

  it('are refused when taken, and nothing of the container stays', async () => {
    await server('holder', '-p', '8082:80');
    const refused = await davit('run', '--name', 'second', '-p', '8082:80', 'busybox', 'true');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toMatch(
      /driver failed programming external connectivity on endpoint second \([0-9a-f]{64}\)/,
    );
    expect(refused.stderr).toContain('Bind for 0.0.0.0:8082 failed: port is already allocated');
    const [info] = JSON.parse(await davit.ok('inspect', 'second')) as { State: object }[];
    expect(info?.State).toMatchObject({ Status: 'created', Running: false });
    await davit.ok('rm', '-f', 'holder');
    expect(await davit.ok('start', '-a', 'second')).toBe('');
    await davit.ok('rm', 'second');
  });

  it('are those of SCTP where the kernel has it', async () => {
    const speaks = `require('node:fs').readFileSync('/proc/net/protocols', 'utf8').includes('SCTP')`;
    const { stdout } = await onHost(process.execPath, '-p', speaks);
    const { code, stderr } = await davit('run', '--rm', '-p', '8087:80/sctp', 'busybox', 'true');
    if (stdout === 'true\n') expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Without it, a module may have been loaded for it just now.
    else expect(code === 0 ? 'loaded' : stderr).toMatch(/^loaded$|protocol not supported/);
  });

  it('are refused when a program of the machine holds them', async () => {
    const [program = '', ...args] = engine.network.enter(['busybox', 'nc', '-l', '-p', '8083']);
    const holder = start(program, args);
    await waitFor(async () => (await onHost('ss', '-ltn')).stdout.includes(':8083 '), 'the listener');
    const refused = await davit('run', '--rm', '-p', '8083:80', 'busybox', 'true');
    holder.signal('SIGKILL');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toMatch(/address already in use|port is already allocated/);
  });

  it('survive the restart of a container', async () => {
    await server('steady', '-p', '8084:80');
    await answersWith('http://127.0.0.1:8084/', 'steady');
    await davit.ok('restart', '-t', '0', 'steady');
    await answersWith('http://127.0.0.1:8084/', 'steady');
    await davit.ok('rm', '-f', 'steady');
  });
});

describe('the default bridge', () => {
  it('lets containers reach each other, by address and by published port', async () => {
    await server('first', '-p', '8090:80');
    await server('second');
    const fetchFrom = (url: string) =>
      davit('run', '--rm', 'busybox', 'timeout', '5', 'wget', '-q', '-O', '-', url);
    const second = await addressOf('second');
    await waitFor(async () => (await fetchFrom(`http://${second}/`)).stdout === 'second\n', 'the neighbour');
    expect((await fetchFrom(`http://${otherAddress}:8090/`)).stdout).toBe('first\n');
    const [info] = JSON.parse(await davit.ok('inspect', 'first')) as {
      NetworkSettings: { Gateway: string };
    }[];
    expect((await fetchFrom(`http://${info?.NetworkSettings.Gateway}:8090/`)).stdout).toBe('first\n');
    const toItself = [
      'exec',
      'first',
      'timeout',
      '5',
      'wget',
      '-q',
      '-O',
      '-',
      `http://${otherAddress}:8090/`,
    ];
    expect(await davit.ok(...toItself)).toBe('first');
    await davit.ok('rm', '-f', 'first', 'second');
  });

  it('gives each container an address of its own, which inspect, hosts and the interface agree on', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `many${index}`);
    await Promise.all(names.map((name) => davit.ok('run', '-d', '--name', name, 'busybox', 'sleep', '1000')));
    const addresses = await Promise.all(names.map(addressOf));
    expect(new Set(addresses).size).toBe(8);
    const inside = await davit.ok('exec', 'many3', 'sh', '-c', 'hostname -i; ip -o -4 address show eth0');
    const [hosts, device] = inside.split('\n');
    expect(hosts?.trim()).toBe(addresses[3]);
    expect(device).toContain(` ${addresses[3]}/`);
    const [info] = JSON.parse(await davit.ok('inspect', 'many3')) as {
      NetworkSettings: Record<string, unknown>;
    }[];
    expect(info?.NetworkSettings).toMatchObject({ Networks: { bridge: { IPAddress: addresses[3] } } });
    await davit.ok('rm', '-f', ...names);
  });

  it('has a name server in resolv.conf, which does not point to the container itself', async () => {
    const servers = await davit.ok('run', '--rm', 'busybox', 'grep', '^nameserver', '/etc/resolv.conf');
    expect(servers).toMatch(/^nameserver \S+/);
    expect(servers).not.toMatch(/nameserver (127\.0\.0\.1|::1)$/m);
  });
});

describe('a neighbouring machine', () => {
  const peer = `${engine.network.name}-p`;
  const inPeer = (...argv: string[]) => ['nsenter', `--net=/run/netns/${peer}`, ...argv];
  const onPeer = (...argv: string[]) => {
    const [program = '', ...args] = inPeer(...argv);
    return run(program, args);
  };
  beforeAll(async () => {
    const { name } = engine.network;
    const commands = [
      `netns add ${peer}`,
      `-n ${peer} link set lo up`,
      `-n ${name} link add wire type veth peer name wire netns ${peer}`,
      `-n ${name} address add 203.0.113.1/24 dev wire`,
      `-n ${peer} address add 203.0.113.2/24 dev wire`,
      `-n ${name} link set wire up`,
      `-n ${peer} link set wire up`,
    ];
    for (const command of commands) expect(await run('ip', command.split(' '))).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await run('ip', ['-n', engine.network.name, 'link', 'delete', 'wire']);
    await run('ip', ['netns', 'delete', peer]);
  });

  it('reaches published ports, and is reached through NAT', async () => {
    await server('outward', '-p', '8100:80');
    const fetchIt = () => onPeer('curl', '-s', '--max-time', '2', 'http://203.0.113.1:8100/');
    await waitFor(async () => (await fetchIt()).stdout === 'outward\n', 'the page');
    const listening = `
      require('node:net').createServer((socket) => {
        socket.on('data', (bytes) => { console.log(socket.remoteAddress, String(bytes)); process.exit(0); });
      }).listen(7000, '0.0.0.0', () => console.log('listening'));`;
    const [program = '', ...args] = inPeer(process.execPath, '-e', listening);
    const listener = start(program, args);
    await listener.prints('listening');
    await davit.with({ input: 'hello' })(
      'run',
      '--rm',
      '-i',
      'busybox',
      'timeout',
      '3',
      'nc',
      '203.0.113.2',
      '7000',
    );
    expect((await listener.done).stdout).toBe('listening\n203.0.113.1 hello\n');
    await davit.ok('rm', '-f', 'outward');
  });

  it.skipIf(differs('ports of 127.0.0.1 are the machine’s alone'))(
    'does not reach a port that is published on 127.0.0.1 alone',
    async () => {
      await server('private', '-p', '127.0.0.1:8101:80');
      await answersWith('http://127.0.0.1:8101/', 'private');
      expect((await onPeer('curl', '-s', '--max-time', '1', 'http://203.0.113.1:8101/')).code).not.toBe(0);
      await onPeer('ip', 'route', 'add', '127.0.0.1/32', 'via', '203.0.113.1');
      expect((await onPeer('curl', '-s', '--max-time', '1', 'http://127.0.0.1:8101/')).code).not.toBe(0);
      await davit.ok('rm', '-f', 'private');
    },
  );
});

describe('other networks', () => {
  it('none has a loopback device alone', async () => {
    const links = await davit.ok('run', '--rm', '--network', 'none', 'busybox', 'ip', '-o', 'link');
    expect(links.split('\n').filter((line) => line.includes('UP'))).toHaveLength(1);
    expect(links).toContain('lo:');
    expect(
      await davit.ok(
        'run',
        '--rm',
        '--network',
        'none',
        'busybox',
        'ping',
        '-c',
        '1',
        '-W',
        '1',
        '127.0.0.1',
      ),
    ).toContain('1 packets received');
  });

  it('host is that of the machine', async () => {
    const script = `ip -o -4 address show lo; hostname; mount -t sysfs none /sys 2>&1`;
    const { stdout } = await davit('run', '--rm', '--network', 'host', 'busybox', 'sh', '-c', script);
    expect(stdout).toContain(otherAddress);
    expect(stdout).toMatch(/permission denied|not permitted/);
  });

  it('host takes no ports, and works with a server', async () => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'onhost',
      '--network',
      'host',
      'busybox',
      'sh',
      '-c',
      serves('onhost').replace('-p 80', '-p 8200'),
    );
    await answersWith('http://127.0.0.1:8200/', 'onhost');
    await davit.ok('rm', '-f', 'onhost');
  });

  it('that do not exist are refused', async () => {
    const { code, stderr } = await davit('run', '--network', 'nosuch', '--rm', 'busybox', 'true');
    expect(code).toBe(125);
    expect(stderr).toContain('network nosuch not found');
  });

  it('container: shares that of another', async () => {
    await davit.ok('run', '-d', '--name', 'owner', 'busybox', 'sleep', '1000');
    const shared = await davit.ok(
      'run',
      '--rm',
      '--network',
      'container:owner',
      'busybox',
      'readlink',
      '/proc/self/ns/net',
    );
    expect(shared).toBe(await davit.ok('exec', 'owner', 'readlink', '/proc/self/ns/net'));
    await davit.ok('rm', '-f', 'owner');
  });
});
