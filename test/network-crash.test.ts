import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { randomFrom, seed, wished } from './support/random.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { engine } = await useEngine();

const clients = 8;
const operations = 200;
const kills = wished('KILLS', 2);
const random = randomFrom(seed);

/** The engine was killed while it was asked. */
class Gone extends Error {}

/** What went wrong that must not: everything but what another client had done in between. */
const failures: string[] = [];
/** Set while the engine is away. */
let away: Promise<void> | null = null;

const body = (value?: object) => value && JSON.stringify(value);
async function ask<T>(method: string, path: string, value?: object): Promise<T | null> {
  const answer = await engine.request(method, path, body(value)).catch((error: Error) => {
    throw new Gone(error.message);
  });
  if (answer.status >= 500) failures.push(`${method} ${path}: ${answer.status} ${answer.body}`);
  if (answer.status >= 300) return null;
  return (answer.body === '' ? {} : JSON.parse(answer.body)) as T;
}

async function onHost<T>(...argv: string[]): Promise<T> {
  const [program = '', ...args] = engine.network.enter(argv);
  return JSON.parse((await run(program, args)).stdout) as T;
}

const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];

/** Names of networks that someone has created, and may have removed by now. */
const networks = ['first', 'second'];
let done = 0;

/** One of eight who create, connect, disconnect and remove without a thought for the others. */
async function work(client: number): Promise<void> {
  let made = 0;
  const containers: string[] = [];
  const begin = async () => {
    const name = `c${client}-${made++}`;
    containers.push(name);
    const HostConfig = { NetworkMode: pick(networks) };
    await ask('POST', `/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      HostConfig,
    });
    await ask('POST', `/containers/${name}/start`);
  };
  const acts = [
    begin,
    begin,
    async () => {
      // There are subnets for thirty.
      if (networks.length >= 16) return;
      const name = `n${client}-${made++}`;
      networks.push(name);
      await ask('POST', '/networks/create', { Name: name });
    },
    async () => {
      const name = pick(networks.filter((name) => name.startsWith(`n${client}-`)));
      if (name && (await ask('DELETE', `/networks/${name}`))) networks.splice(networks.indexOf(name), 1);
    },
    async () =>
      void (await ask('POST', `/networks/${pick(networks)}/connect`, { Container: pick(containers) })),
    async () =>
      void (await ask('POST', `/networks/${pick(networks)}/disconnect`, { Container: pick(containers) })),
    async () => {
      const [name] = containers.length > 2 ? containers.splice(0, 1) : [];
      if (name) await ask('DELETE', `/containers/${name}?force=1`);
    },
  ];
  while (done < operations) {
    await away;
    done += 1;
    // What was asked of an engine that went away may be done or not.
    await pick(acts)?.().catch((error) => {
      if (!(error instanceof Gone)) throw error;
    });
  }
}

async function killInBetween(): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    while (done < (operations * kill) / (kills + 1)) await pause(5);
    await pause(random() * 100);
    away = engine.crash().then(engine.start);
    await away;
    away = null;
  }
}

interface Endpoint {
  IPAddress: string;
  MacAddress: string;
  NetworkID: string;
}
interface Container {
  Id: string;
  Name: string;
  State: { Running: boolean; Pid: number };
  NetworkSettings: { Networks: Record<string, Endpoint> };
}
interface Device {
  ifname: string;
  master?: string;
  addr_info: { local: string; family: string }[];
}

async function inspectAll(): Promise<Container[]> {
  const listed = (await ask<{ Id: string }[]>('GET', '/containers/json')) ?? [];
  const found = await Promise.all(listed.map(({ Id }) => ask<Container>('GET', `/containers/${Id}/json`)));
  return found.filter((one) => one !== null);
}

/** What a container has of the network, as the kernel says. */
async function addressesIn({ State: { Pid } }: Container): Promise<string[]> {
  const { stdout } = await run('nsenter', [`--net=/proc/${Pid}/ns/net`, 'ip', '-j', '-4', 'address']);
  const devices = JSON.parse(stdout) as Device[];
  return devices
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ addr_info }) => addr_info.map(({ local }) => local))
    .sort();
}

const bridgeOf = (id: string) => `br-${id.slice(0, 12)}`;

describe.skipIf(againstOriginal.engine)(`networks under many hands (DAVIT_TEST_SEED=${seed})`, () => {
  it(`give no address twice and leave nothing behind, with ${kills} kills of the engine`, async () => {
    for (const Name of networks) await ask('POST', '/networks/create', { Name });
    const all = Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
    await Promise.all([all, killInBetween()]);
    expect(failures).toEqual([]);

    const running = await inspectAll();
    const endpoints = running.flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks));
    const addresses = endpoints.map(({ IPAddress }) => IPAddress).filter(Boolean);
    expect(addresses.length).toBeGreaterThan(3);
    expect(new Set(addresses).size).toBe(addresses.length);
    // What the engine says is what the containers have, and all bridges and devices are those of what it knows.
    for (const container of running) {
      const told = Object.values(container.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
      expect(await addressesIn(container), container.Name).toEqual(told.filter(Boolean).sort());
    }
    const known = (await ask<{ Id: string; Name: string; Driver: string }[]>('GET', '/networks')) ?? [];
    const created = known.filter(({ Driver, Name }) => Driver === 'bridge' && Name !== 'bridge');
    const bridges = await onHost<Device[]>('ip', '-j', 'link', 'show', 'type', 'bridge');
    const own = bridges.map(({ ifname }) => ifname).filter((name) => name.startsWith('br-'));
    expect(own.sort()).toEqual(created.map(({ Id }) => bridgeOf(Id)).sort());
    const links = await onHost<Device[]>('ip', '-j', 'link', 'show', 'type', 'veth');
    for (const { Id, Name } of created) {
      const plugged = links.filter(({ master }) => master === bridgeOf(Id));
      const members = endpoints.filter(({ NetworkID }) => NetworkID === Id);
      expect(plugged.length, Name).toBe(members.length);
    }

    const everything = (await ask<{ Id: string }[]>('GET', '/containers/json?all=1')) ?? [];
    await Promise.all(everything.map(({ Id }) => ask('DELETE', `/containers/${Id}?force=1`)));
    await ask('POST', '/networks/prune');
    expect(failures).toEqual([]);
    const left = await onHost<Device[]>('ip', '-j', 'link', 'show', 'type', 'bridge');
    expect(left.length).toBe(1);
    const [program = '', ...args] = engine.network.enter(['nft', 'list', 'ruleset']);
    expect((await run(program, args)).stdout).not.toContain('"br-');
    const names = (await ask<{ Name: string }[]>('GET', '/networks'))?.map(({ Name }) => Name);
    expect(names).toEqual(['bridge', 'host', 'none']);
  }, 300_000);
});
