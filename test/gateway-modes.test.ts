import type { IpamConfig } from '@davit/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Background } from './support/command.ts';
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

const subnetOf = (Subnet: string): IpamConfig => ({
  Subnet,
  IPRange: '',
  Gateway: '',
  AuxiliaryAddresses: null,
});
const [subnet4, subnet6] = [subnetOf('10.60.0.0/24'), subnetOf('fd60::/64')];
const mode = (four: string, six = four) => ({
  'com.docker.network.bridge.gateway_mode_ipv4': four,
  'com.docker.network.bridge.gateway_mode_ipv6': six,
});

describe.skipIf(hindrance !== '')(`gateway modes${hindrance && ` (skipped: ${hindrance})`}`, () => {
  let machine: Machine;
  let host: NetworkHost;
  const servers: Background[] = [];

  beforeEach(async () => {
    machine = await createMachine();
    host = await machine.host({ id: 'engine-under-test', root: machine.root() });
    await host.start();
    // A neighbour that knows the way to the containers, and back.
    const far = machine.onNeighbour;
    await succeed(machine.onMachine('ip', 'address', 'add', 'fd01::1/64', 'dev', 'wire', 'nodad'));
    await succeed(far('ip', 'address', 'add', 'fd01::2/64', 'dev', 'wire', 'nodad'));
    await succeed(far('ip', 'route', 'add', '10.60.0.0/24', 'via', machineAddress));
    await succeed(far('ip', 'route', 'add', 'fd60::/64', 'via', 'fd01::1'));
    servers.push(await serve(far, 'neighbour', 7000));
  });
  afterEach(async ({ task }) => {
    await clearMachine({ machine, host, servers }, task.result?.state === 'pass');
  });

  const create = (options: Record<string, string>, more: object = {}, Config = [subnet4, subnet6]) =>
    host.create('net', {
      EnableIPv6: true,
      Options: options,
      IPAM: { Driver: '', Options: null, Config },
      ...more,
    });

  /** A container of the network, which publishes port 80 as 8080 and serves that and 81. */
  async function web() {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] };
    const sandbox = await host.connect({ id: 'web', networkMode: 'net', portBindings });
    const inside = (...argv: string[]) => host.inside(sandbox, ...argv);
    servers.push(await serve(inside, 'open', 80, '::'), await serve(inside, 'shut', 81, '::'));
    const { IPAddress: four = '', GlobalIPv6Address: six = '' } = sandbox.networks.net ?? {};
    return { sandbox, inside, four, six };
  }

  it('nat leads to published ports alone, in the name of the host', async () => {
    await create(mode('nat'));
    const { inside, four, six } = await web();
    const closed = [`tcp ${four} 80`, `tcp ${four} 81`, `tcp ${six} 80`, `tcp ${six} 81`];
    expect(
      await ask(machine.onNeighbour, `tcp ${machineAddress} 8080`, 'tcp fd01::1 8080', ...closed),
    ).toEqual([...[`open ${neighbourAddress}`, 'open fd01::2'], ...['', '', '', '']]);
    expect(await ask(inside, `tcp ${neighbourAddress} 7000`)).toEqual([`neighbour ${machineAddress}`]);
  });

  it('nat-unprotected leads to all ports by a route as well, but from no other network', async () => {
    await create(mode('nat-unprotected'));
    const { inside, four, six } = await web();
    const direct = [`tcp ${four} 81`, `tcp ${six} 81`];
    expect(await ask(machine.onNeighbour, `tcp ${machineAddress} 8080`, ...direct)).toEqual([
      `open ${neighbourAddress}`,
      ...[`shut ${neighbourAddress}`, 'shut fd01::2'],
    ]);
    expect(await ask(inside, `tcp ${neighbourAddress} 7000`)).toEqual([`neighbour ${machineAddress}`]);
    const other = await host.connect({ id: 'other' });
    expect(await ask((...argv) => host.inside(other, ...argv), `tcp ${four} 81`)).toEqual(['']);
  });

  it('routed leads to published ports by a route, without ports or addresses of the host', async () => {
    await create(mode('routed'));
    const { sandbox, inside, four, six } = await web();
    expect(sandbox.ports).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '' },
        { HostIp: '::', HostPort: '' },
      ],
    });
    const open = [`tcp ${four} 80`, `tcp ${six} 80`];
    const closed = [`tcp ${machineAddress} 8080`, `tcp ${four} 81`, `tcp ${six} 81`];
    expect(await ask(machine.onNeighbour, ...open, ...closed)).toEqual([
      ...[`open ${neighbourAddress}`, 'open fd01::2'],
      ...['', '', ''],
    ]);
    expect(await ask(machine.onMachine, 'tcp 127.0.0.1 8080', ...open)).toEqual([
      '',
      expect.stringMatching(/^open 10\.60\.0\.1$/),
      expect.stringMatching(/^open fd60::1$/),
    ]);
    expect(await ask(inside, `tcp ${neighbourAddress} 7000`)).toEqual([`neighbour ${four}`]);
    await succeed(machine.onNeighbour('busybox', 'ping', '-c', '1', '-W', '5', four));
    // Another network comes in as anyone does.
    const other = await host.connect({ id: 'other' });
    const questions = [`tcp ${four} 80`, `tcp ${four} 81`];
    expect(await ask((...argv) => host.inside(other, ...argv), ...questions)).toEqual(['open 10.60.0.1', '']);
    await host.disconnect('web');
    expect(await machine.tables()).not.toContain(`${four} . tcp . 80`);
    await host.create('four', { Options: mode('routed') });
    const alone = await host.connect({
      id: 'alone',
      networkMode: 'four',
      exposedPorts: ['80/tcp'],
      publishAll: true,
    });
    expect(alone.ports).toEqual({ '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }] });
  });

  it('can be another for each kind of addresses', async () => {
    await create(mode('nat', 'routed'));
    const { sandbox, inside, six } = await web();
    expect(sandbox.ports['80/tcp']).toEqual([
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '' },
    ]);
    const questions = [`tcp ${machineAddress} 8080`, `tcp ${six} 80`, 'tcp fd01::1 8080'];
    expect(await ask(machine.onNeighbour, ...questions)).toEqual([
      ...[`open ${neighbourAddress}`, 'open fd01::2', ''],
    ]);
    expect(await ask(inside, `tcp ${neighbourAddress} 7000`)).toEqual([`neighbour ${machineAddress}`]);
  });

  it('isolated keeps an internal network from the host too', async () => {
    await create(mode('isolated'), { Internal: true });
    const { sandbox, inside, four, six } = await web();
    expect(sandbox.networks.net).toMatchObject({ Gateway: '', IPv6Gateway: '' });
    const other = await host.connect({ id: 'other', networkMode: 'net' });
    const questions = [`tcp ${four} 81`, `tcp ${six} 81`];
    expect(await ask((...argv) => host.inside(other, ...argv), ...questions)).toEqual([
      expect.stringMatching(/^shut 10\.60\.0\.\d+$/),
      expect.stringMatching(/^shut fd60::\d+$/),
    ]);
    expect(await ask(machine.onMachine, ...questions)).toEqual(['', '']);
    expect(await ask(inside, `tcp ${machineAddress} 7000`, `tcp ${neighbourAddress} 7000`)).toEqual(['', '']);
    const bridges = await succeed(machine.onMachine('ip', '-o', 'address', 'show', 'type', 'bridge'));
    expect(bridges).not.toContain('10.60.0.');
    expect(bridges).not.toContain('fd60::');
  });

  it('are refused where they cannot be', async () => {
    await expect(create(mode('isolated'))).rejects.toThrow(
      "gateway mode 'isolated' can only be used for an internal network",
    );
    await expect(create(mode('bridged'))).rejects.toThrow('unknown gateway mode bridged');
  });
});
