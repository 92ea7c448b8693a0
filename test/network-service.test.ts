import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../packages/engine/src/networks/service.ts';
import { noWishes } from '../packages/engine/src/state/networks.ts';
import { type Background, run } from './support/command.ts';
import {
  ask,
  clearMachine,
  createMachine,
  hindrance,
  type Machine,
  machineAddress,
  type NetworkHost,
  neighbourAddress,
  serve,
  succeed,
} from './support/network-machine.ts';
import { otherAddress } from './support/network-namespace.ts';
import { isGone, waitFor } from './support/wait.ts';

/** A process that may have ended, and its ID be another's. */
interface Program {
  pid: number;
  isThere(): boolean;
}

function programOf(pid: number): Program {
  const begun = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  const first = begun();
  return { pid, isThere: () => !isGone(pid) && begun() === first };
}

describe.skipIf(hindrance !== '')(`the network service${hindrance && ` (skipped: ${hindrance})`}`, () => {
  let machine: Machine;
  let host: NetworkHost;
  let root: string;
  const servers: Background[] = [];
  const stopped: Program[] = [];

  beforeEach(async () => {
    machine = await createMachine();
    root = machine.root();
    host = await machine.host({ id: 'engine-under-test', root });
    await host.start();
  });
  afterEach(async ({ task }) => {
    for (const program of stopped.splice(0)) if (program.isThere()) process.kill(program.pid, 'SIGKILL');
    await clearMachine({ machine, host, servers }, task.result?.state === 'pass');
  });

  const publishing = (...ports: string[]) => ({
    portBindings: Object.fromEntries(
      ports.map((port) => {
        const [inner = '', outer = '', ip = ''] = port.split(' ');
        return [inner, [{ HostIp: ip, HostPort: outer }]];
      }),
    ),
  });

  const namespaceOf = ({ key }: Sandbox) => key.split('/').at(-1);
  const namespaces = async () =>
    (await succeed(['ls', `/proc/${host.pid}/root/run/netns`])).trim().split('\n');

  /** Stops the program ip, which is there as soon as something is made ahead; of two, both. It is ended with the test. */
  async function stopIp(): Promise<void> {
    const find = async () => (await run('pgrep', ['-P', String(host.pid), '-x', 'ip'])).stdout.trim();
    for (const line of (await waitFor(find, 'the program ip')).split('\n')) {
      stopped.push(programOf(Number(line)));
      process.kill(Number(line), 'SIGSTOP');
    }
  }

  /** A container with a server on port 80. */
  async function container(
    id: string,
    ...ports: string[]
  ): Promise<{ sandbox: Sandbox; in: (...argv: string[]) => string[]; address: string }> {
    const sandbox = await host.connect({ id, ...publishing(...ports) });
    const enter = (...argv: string[]) => host.inside(sandbox, ...argv);
    servers.push(await serve(enter, id, 80));
    return { sandbox, in: enter, address: sandbox.networks.bridge?.IPAddress ?? '' };
  }

  it('gives a container an address, a route and a way out', async () => {
    const { sandbox, in: inside, address } = await container('first');
    expect(address).toMatch(/^172\.\d+\.0\.2$/);
    expect(sandbox.gateway).toBe(address.replace(/2$/, '1'));
    const links = JSON.parse(await succeed(inside('ip', '-j', 'address'))) as {
      ifname: string;
      address: string;
      addr_info: { local: string }[];
    }[];
    expect(links.map(({ ifname }) => ifname)).toEqual(['lo', 'eth0']);
    expect(links[1]?.address).toBe(sandbox.networks.bridge?.MacAddress);
    // Not even a link-local address of IPv6.
    expect(links[1]?.addr_info.map(({ local }) => local)).toEqual([address]);

    const second = await container('second');
    servers.push(await serve(machine.onNeighbour, 'neighbour', 7000));
    const questions = [`tcp ${address} 80`, `tcp ${neighbourAddress} 7000`, `udp ${neighbourAddress} 7000`];
    expect(await ask(second.in, ...questions)).toEqual([
      `first ${second.address}`,
      `neighbour ${machineAddress}`,
      `neighbour ${machineAddress}`,
    ]);
  });

  it('publishes TCP and UDP on all addresses of the machine', async () => {
    const { sandbox, address } = await container('web', '80/tcp 8080', '80/udp 8080');
    const everywhere = [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ];
    expect(sandbox.ports).toEqual({ '80/tcp': everywhere, '80/udp': everywhere });
    expect(await machine.tables()).toContain(`tcp . 8080 : ${address} . 80`);
    for (const protocol of ['tcp', 'udp']) {
      // The kernel leads packets there itself: the server sees who really asks, where it can.
      expect(await ask(machine.onNeighbour, `${protocol} ${machineAddress} 8080`)).toEqual([
        `web ${neighbourAddress}`,
      ]);
      const addresses = [machineAddress, otherAddress, '127.0.0.1', '127.1.2.3', '::1'];
      const questions = addresses.map((one) => `${protocol} ${one} 8080`);
      expect(await ask(machine.onMachine, ...questions)).toEqual([
        `web ${machineAddress}`,
        `web ${otherAddress}`,
        `web ${sandbox.gateway}`,
        `web ${sandbox.gateway}`,
        `web ${sandbox.gateway}`,
      ]);
    }
    await host.disconnect('web');
    const questions = ['tcp 127.0.0.1 8080', 'udp 127.0.0.1 8080', 'tcp ::1 8080', `tcp ${address} 80`];
    expect(await ask(machine.onMachine, ...questions)).toEqual(['', '', '', '']);
  });

  it.each(['0', '1'])(
    'reaches published ports from containers, with bridge-nf-call-iptables %s',
    async (on) => {
      await succeed(machine.onMachine('sysctl', '-q', '-w', `net.bridge.bridge-nf-call-iptables=${on}`));
      const web = await container('web', '80/tcp 8080', '80/udp 8080');
      const other = await container('other');
      const questions = ['tcp', 'udp'].flatMap((protocol) =>
        [machineAddress, web.sandbox.gateway].map((address) => `${protocol} ${address} 8080`),
      );
      const gateway = `web ${web.sandbox.gateway}`;
      expect(await ask(other.in, ...questions)).toEqual([gateway, gateway, gateway, gateway]);
      expect(await ask(web.in, ...questions)).toEqual([gateway, gateway, gateway, gateway]);
      expect(await ask(other.in, `tcp ${web.address} 80`)).toEqual([`web ${other.address}`]);
    },
  );

  it('publishes on one address alone when that is asked for', async () => {
    const { sandbox } = await container('local', '80/tcp 8081 127.0.0.1', '80/udp 8081 127.0.0.1');
    expect(sandbox.ports['80/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: '8081' }]);
    const gateway = `local ${sandbox.gateway}`;
    const questions = (...addresses: string[]) =>
      ['tcp', 'udp'].flatMap((protocol) => addresses.map((one) => `${protocol} ${one} 8081`));
    const answers = await Promise.all([
      ask(machine.onMachine, ...questions('127.0.0.1', machineAddress, '::1')),
      ask(machine.onNeighbour, ...questions(machineAddress)),
    ]);
    expect(answers).toEqual([
      [gateway, '', '', gateway, '', ''],
      ['', ''],
    ]);
  });

  it('lets nobody in by a route', async () => {
    const { address } = await container('guarded', '80/tcp 8082', '80/udp 8082');
    servers.push(await serve(machine.onMachine, 'machine', 7001));
    const { in: attacker, sandbox } = await container('attacker');
    await succeed(machine.onNeighbour('ip', 'route', 'add', `${address}/32`, 'via', machineAddress));
    // A container that sends to the machine's loopback address over its bridge.
    await succeed(attacker('ip', 'address', 'delete', '127.0.0.1/8', 'dev', 'lo'));
    await succeed(attacker('ip', 'route', 'add', '127.0.0.1/32', 'via', sandbox.gateway));
    await succeed(attacker('sysctl', '-q', '-w', 'net.ipv4.conf.eth0.route_localnet=1'));
    const answers = await Promise.all([
      ask(machine.onNeighbour, `tcp ${address} 80`, `udp ${address} 80`),
      ask(attacker, 'tcp 127.0.0.1 7001', `tcp ${sandbox.gateway} 7001`),
    ]);
    expect(answers).toEqual([
      ['', ''],
      ['', expect.stringMatching(/^machine /)],
    ]);
  });

  it('refuses ports that are taken, and leaves nothing of the container', async () => {
    await container('holder', '80/tcp 8083');
    const members = async () => Object.keys((await host.inspect('bridge')).Containers);
    await expect(host.connect({ id: 'second', ...publishing('81/tcp 8084', '80/tcp 8083') })).rejects.toThrow(
      /driver failed programming external connectivity on endpoint second \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8083 failed: port is already allocated$/,
    );
    servers.push(await serve(machine.onMachine, 'foreign', 8085));
    await expect(host.connect({ id: 'third', ...publishing('81/tcp 8084', '80/tcp 8085') })).rejects.toThrow(
      /failed to bind host port for 0\.0\.0\.0:8085:172\.\d+\.0\.\d+:80\/tcp: address already in use$/,
    );
    await expect(host.connect({ id: 'fourth', ...publishing('81/tcp 8086', '80/tcp 8086') })).rejects.toThrow(
      'Bind for 0.0.0.0:8086 failed: port is already allocated',
    );
    expect(await members()).toEqual(['holder']);
    expect(await host.describe('second')).toBeNull();
    const free = await host.connect({ id: 'fifth', ...publishing('80/tcp 8083-8087') });
    expect(free.ports['80/tcp']?.[0]?.HostPort).toBe('8084');
    expect(await machine.tables()).not.toContain('8086');
  });

  it('serves eight containers at once', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `many${index}`);
    const sandboxes = await Promise.all(ids.map((id) => host.connect({ id, ...publishing('80/tcp') })));
    const addresses = sandboxes.map(({ networks }) => networks.bridge?.IPAddress);
    const ports = sandboxes.map((sandbox) => sandbox.ports['80/tcp']?.[0]?.HostPort);
    expect(new Set(addresses).size).toBe(8);
    expect(new Set(ports).size).toBe(8);
    for (const sandbox of sandboxes) {
      await succeed(host.inside(sandbox, 'busybox', 'ping', '-c', '1', '-W', '1', sandbox.gateway));
    }
    await Promise.all(ids.map((id) => host.disconnect(id)));
    expect(await machine.tables()).not.toMatch(/tcp \. \d+ :/);
  });

  it('knows host, none and the networks of other containers', async () => {
    const onHost = await host.connect({ id: 'onhost', networkMode: 'host', ...publishing('80/tcp 8088') });
    expect(onHost).toMatchObject({ key: '', ports: {}, networks: { host: { IPAddress: '' } } });
    const alone = await host.connect({ id: 'alone', networkMode: 'none' });
    expect(alone).toMatchObject({ ports: {}, networks: { none: { IPAddress: '' } } });
    const links = await succeed(host.inside(alone, 'ip', '-o', 'address'));
    expect(links).toContain('127.0.0.1/8');
    expect(links).not.toContain('eth0');
    const owner = await host.connect({ id: 'owner' });
    expect(await host.connect({ id: 'guest', networkMode: 'container:owner' })).toMatchObject({
      key: owner.key,
      networks: {},
    });
    await expect(host.connect({ id: 'lost', networkMode: 'container:nobody' })).rejects.toThrow(
      'cannot join network of a non running container: nobody',
    );
    await expect(host.connect({ id: 'lost', networkMode: 'foo' })).rejects.toThrow('network foo not found');
    const mac = '02:00:00:00:00:99';
    const dressed = await host.connect({ id: 'dressed', networks: { bridge: { ...noWishes, mac } } });
    expect(await succeed(host.inside(dressed, 'ip', 'link', 'show', 'eth0'))).toContain(mac);
    expect(await host.events()).toContainEqual({
      action: 'connect',
      container: 'alone',
      name: 'none',
      type: 'null',
    });
    await host.disconnect('owner');
    expect(await host.events()).toContainEqual({
      action: 'disconnect',
      container: 'owner',
      name: 'bridge',
      type: 'bridge',
    });
  });

  it('goes on when the rules are flushed', async () => {
    await container('steady', '80/tcp 8090', '80/udp 8090');
    await succeed(machine.onMachine('nft', 'flush', 'ruleset'));
    // Until they are there again the engine carries what comes.
    expect((await ask(machine.onNeighbour, `tcp ${machineAddress} 8090`))[0]).toMatch(/^steady /);
    expect((await ask(machine.onMachine, 'udp 127.0.0.1 8090'))[0]).toMatch(/^steady /);
    await waitFor(async () => (await machine.tables()).includes('tcp . 8090'), 'the rules to come back');
    await container('another', '80/tcp 8091');
    expect(await ask(machine.onNeighbour, `tcp ${machineAddress} 8090`)).toEqual([
      `steady ${neighbourAddress}`,
    ]);
    await succeed(machine.onMachine('nft', 'flush', 'ruleset'));
    await host.disconnect('another');
    expect(await machine.tables()).toContain('tcp . 8090');
    expect(await machine.tables()).not.toContain('tcp . 8091');
  });

  it('keeps what running containers have when it is killed, and collects the rest', async () => {
    const kept = await container('kept', '80/tcp 8092', '80/udp 8092');
    await host.connect({ id: 'gone', ...publishing('80/tcp 8093') });
    const monitor = await host.monitor();
    await host.kill();
    expect(await ask(machine.onNeighbour, `tcp ${machineAddress} 8092`)).toEqual([
      `kept ${neighbourAddress}`,
    ]);

    host = await machine.host({ id: 'engine-under-test', root, mountsOf: monitor.child.pid });
    await host.start();
    await host.reconcile(['kept']);
    monitor.signal('SIGKILL');
    expect(await ask(machine.onNeighbour, `udp ${machineAddress} 8092`)).toEqual([
      `kept ${neighbourAddress}`,
    ]);
    expect(await ask(machine.onMachine, 'tcp ::1 8092')).toEqual([`kept ${kept.sandbox.gateway}`]);
    expect(await host.describe('gone')).toBeNull();
    expect(await host.describe('kept')).toEqual(kept.sandbox);
    expect(await machine.tables()).not.toContain('8093');
    const next = { sandbox: await host.connect({ id: 'next', ...publishing('80/tcp 8093') }) };
    expect(next.sandbox.networks.bridge?.IPAddress).not.toBe(kept.address);
    const members = Object.values((await host.inspect('bridge')).Containers).map(({ Name }) => Name);
    expect(members.sort()).toEqual(['kept', 'next']);
    // What is there of namespaces and devices is theirs, or made ahead: one is being made as long as others are left.
    const pairs = await waitFor(async () => {
      const before = await namespaces();
      const links = (await machine.links()).filter((name) => name.startsWith('veth'));
      const after = await namespaces();
      return links.length === after.length && before.join() === after.join() && { links, namespaces: after };
    }, 'as many devices as namespaces');
    expect(pairs.namespaces).toEqual(
      expect.arrayContaining([kept, next].map(({ sandbox }) => namespaceOf(sandbox))),
    );
    expect(pairs.links.length).toBeGreaterThanOrEqual(2);
    expect(await succeed(['ls', '/run/netns'])).not.toContain('davit-engineundert');
  });

  it('finds a way out for a container when it was killed in the middle of taking one', async () => {
    for (const name of ['first', 'second']) await host.create(name);
    const networks = { first: noWishes, second: noWishes };
    const kept = await host.connect({ id: 'kept', networkMode: 'first', networks });
    const route = async () => (await succeed(host.inside(kept, 'ip', 'route', 'show', 'default'))).trim();
    expect(await route()).toBe(`default via ${kept.networks.first?.Gateway} dev eth0`);
    const monitor = await host.monitor();
    await stopIp();
    const left = host.leave('kept', 'first').catch(String);
    const isLeft = async () => Object.keys((await host.describe('kept'))?.networks ?? {}).join() === 'second';
    await waitFor(isLeft, 'the network to be left');
    await host.kill();
    expect(await left).toContain('the host is gone');
    host = await machine.host({ id: 'engine-under-test', root, mountsOf: monitor.child.pid });
    await host.start();
    monitor.signal('SIGKILL');
    await host.reconcile(['kept']);
    expect(await route()).toBe(`default via ${kept.networks.second?.Gateway} dev eth1`);
    await host.join('kept', 'first');
    expect(await route()).toMatch(`default via ${kept.networks.first?.Gateway} `);
  });

  it('has nothing go on with what it was told by an engine that was killed', async () => {
    await stopIp();
    const mac = '02:00:00:00:00:98';
    const late = host.connect({ id: 'late', networks: { bridge: { ...noWishes, mac } } }).catch(String);
    await waitFor(() => readdirSync(join(root, 'networks')).length > 0, 'the commands for ip');
    const monitor = await host.monitor();
    await host.kill();
    expect(await late).toContain('the host is gone');
    host = await machine.host({ id: 'engine-under-test', root, mountsOf: monitor.child.pid });
    await host.start();
    await waitFor(() => !stopped.some((ip) => ip.isThere()), 'the end of ip');
    monitor.signal('SIGKILL');
    await host.reconcile([]);
    expect(await host.describe('late')).toBeNull();
  });

  it('leaves the bridge to containers that outlive it, and takes it over again', async () => {
    const kept = await container('kept', '80/tcp 8094');
    const monitor = await host.monitor();
    await host.stop();
    expect(await ask(machine.onNeighbour, `tcp ${machineAddress} 8094`)).toEqual([
      `kept ${neighbourAddress}`,
    ]);
    expect(await machine.links()).toHaveLength(2);
    // Someone tidies up too much.
    await succeed(machine.onMachine('ip', 'link', 'delete', 'davit0'));
    host = await machine.host({ id: 'engine-under-test', root, mountsOf: monitor.child.pid });
    await host.start();
    monitor.signal('SIGKILL');
    await host.reconcile(['kept']);
    expect(await ask(machine.onNeighbour, `tcp ${machineAddress} 8094`)).toEqual([
      `kept ${neighbourAddress}`,
    ]);
    expect(await host.describe('kept')).toEqual(kept.sandbox);
  });

  it('shares the machine with other engines', async () => {
    const [other, told] = await Promise.all([
      machine.host({ id: 'second', root: machine.root() }),
      machine.host({ id: 'third', root: machine.root(), bip: '10.9.8.1/24' }),
    ]);
    await Promise.all([other.start(), told.start()]);
    const bridges = await Promise.all([host, other, told].map((one) => one.inspect('bridge')));
    const [ours, ...theirs] = bridges.map(({ Options }) => Options['com.docker.network.bridge.name']);
    expect(ours).toBe('davit0');
    expect(theirs.sort()).toEqual(['davit1', 'davit2']);
    expect(bridges.map(({ IPAM }) => IPAM.Config?.[0]?.Subnet)).toEqual([
      '172.30.0.0/16',
      '172.31.0.0/16',
      '10.9.8.0/24',
    ]);
    const foreign = await other.connect({ id: 'foreign', ...publishing('80/tcp 8095') });
    servers.push(await serve((...argv) => other.inside(foreign, ...argv), 'foreign', 80));
    const mine = await container('mine');
    const address = foreign.networks.bridge?.IPAddress;
    expect(await ask(mine.in, `tcp ${machineAddress} 8095`, `tcp ${address} 80`)).toEqual([
      expect.stringMatching(/^foreign /),
      '',
    ]);
    await expect(host.connect({ id: 'late', ...publishing('80/tcp 8095') })).rejects.toThrow(
      'address already in use',
    );
    await other.reconcile([]);
    await Promise.all([other.stop(), told.stop()]);
    expect((await machine.links()).filter((name) => name.startsWith('davit'))).toEqual(['davit0']);
    expect(await ask(machine.onMachine, `tcp ${mine.address} 80`)).toEqual([`mine ${mine.sandbox.gateway}`]);
  });
});
