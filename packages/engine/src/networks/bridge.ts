import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { ProgramFailed, run } from '../process.ts';
import type { NetworkRecord, NetworkStore } from '../state/networks.ts';
import { type Interpreter, takeAway } from './interpreter.ts';
import { formatAddress, formatSubnet, macOf, parseAddress, parseInterface, type Subnet } from './ipv4.ts';
import { hasIPv6 } from './sandbox.ts';
import { chooseSubnet, parseRoutes } from './subnets.ts';

export interface BridgeDependencies {
  ip: Interpreter;
  store: NetworkStore;
  engineId: string;
  config: { bridge: string; bip: string };
}

/** What is there of a device, as `ip -j address show` tells it. */
interface Device {
  ifname: string;
  ifalias?: string;
  addr_info: { family: string; local: string; prefixlen: number }[];
}

/**
 * Brings the bridge of the default network up: the one that this engine made before, or else one with a name and
 * a subnet that nothing on this machine uses. Tells whether it had to be made.
 */
export async function bringUpBridge(
  deps: BridgeDependencies,
): Promise<{ network: NetworkRecord; made: boolean }> {
  return withBridgeLock(async () => {
    const network = deps.store.network('bridge');
    if (!network) throw new EngineError('internal', 'the default network is not known');
    const known = network.bridge === '' ? undefined : await findDevice(network.bridge);
    const ours = known?.ifalias === aliasOf(deps.engineId);
    if (ours && isAsWanted(deps, network, known)) {
      setSwitches(network.bridge, false);
      return { network, made: false };
    }
    if (ours) await removeDevice(deps.ip, network.bridge);
    const chosen = await makeBridge(deps, network);
    deps.store.saveNetwork(chosen);
    // What ip remembers of the old device would lead astray.
    await deps.ip.close();
    return { network: chosen, made: true };
  });
}

/**
 * Brings the bridge of a network up that someone created, unless it is as it was left. Tells whether it had to be
 * made. Throws a conflict when something else has its name.
 */
export async function bringUpUserBridge(
  deps: Pick<BridgeDependencies, 'ip' | 'engineId'>,
  network: NetworkRecord,
): Promise<boolean> {
  const { bridge, gateway, subnet, gateway6, subnet6, wishes } = network;
  const known = await findDevice(bridge);
  if (known && known.ifalias !== aliasOf(deps.engineId)) {
    throw new EngineError('conflict', `the device ${bridge} exists and is not this engine's`);
  }
  const wanted = [gateway, gateway6].filter(Boolean);
  if (known && wanted.every((address) => known.addr_info.some(({ local }) => local === address))) {
    setSwitches(bridge, gateway6 !== '');
    return false;
  }
  if (known) await removeDevice(deps.ip, bridge);
  const mtu = wishes.options['com.docker.network.driver.mtu'];
  const mac = macOf(parseAddress(gateway) ?? randomInt(0x1_0000_0000));
  if (!(await addBridge(deps, bridge, `address ${mac}${mtu ? ` mtu ${Number(mtu)}` : ''}`))) {
    throw new EngineError('conflict', `the device ${bridge} exists and is not this engine's`);
  }
  try {
    setSwitches(bridge, gateway6 !== '');
    await deps.ip.send(
      ...(gateway === '' ? [] : [`address add ${gateway}/${subnet.split('/')[1]} broadcast + dev ${bridge}`]),
      ...(gateway6 === '' ? [] : [`address add ${gateway6}/${subnet6.split('/')[1]} dev ${bridge} nodad`]),
      `link set ${bridge} up`,
    );
  } catch (error) {
    await removeDevice(deps.ip, bridge);
    throw error;
  }
  return true;
}

/** Names of the bridges of this engine that are there. */
export async function ownBridges(engineId: string): Promise<string[]> {
  const devices = JSON.parse(await run('ip', ['-d', '-j', 'link', 'show', 'type', 'bridge'])) as Device[];
  return devices.flatMap(({ ifname, ifalias }) => (ifalias === aliasOf(engineId) ? [ifname] : []));
}

/** Takes a network device away, which may be gone already. */
export function removeDevice(ip: Interpreter, name: string): Promise<void> {
  return takeAway(ip, `link delete ${name}`);
}

function aliasOf(engineId: string): string {
  return `davit:${engineId}`;
}

/**
 * Makes a bridge that bears the engine's mark as soon as it has its name: what `ip` is told in one go it does, also
 * when the engine is killed meanwhile, and the next one knows it by the mark. False when something else has the name.
 */
async function addBridge(
  { ip, engineId }: Pick<BridgeDependencies, 'ip' | 'engineId'>,
  name: string,
  settings: string,
): Promise<boolean> {
  const draft = `dvt-${randomBytes(5).toString('hex')}`;
  try {
    await ip.send(
      `link add ${draft} ${settings} type bridge`,
      `link set ${draft} alias ${aliasOf(engineId)}`,
      `link set ${draft} name ${name}`,
    );
    return true;
  } catch (error) {
    await removeDevice(ip, draft);
    if (error instanceof ProgramFailed && error.stderr.includes('File exists')) return false;
    throw error;
  }
}

type Addresses = Pick<NetworkRecord, 'subnet' | 'gateway'>;

/** Whether a bridge of ours is as it was left, and as the engine is told to have it now. */
function isAsWanted(deps: BridgeDependencies, network: NetworkRecord, device: Device): boolean {
  const { gateway, subnet } = network;
  const prefix = Number(subnet.split('/')[1]);
  if (!device.addr_info.some(({ local, prefixlen }) => local === gateway && prefixlen === prefix))
    return false;
  const told = toldAddresses(deps.config.bip);
  const same =
    (deps.config.bridge === '' || deps.config.bridge === network.bridge) &&
    (told === null || (told.subnet === subnet && told.gateway === gateway));
  if (same || !isInUse(deps.store, network)) return same;
  log.warn('the bridge stays as it is as long as containers run', { bridge: network.bridge, subnet });
  return true;
}

function isInUse(store: NetworkStore, network: NetworkRecord): boolean {
  return store.endpoints().some((endpoint) => endpoint.networkId === network.id);
}

/** The addresses that the engine is told to use, null when it is to choose. */
function toldAddresses(bip: string): Addresses | null {
  if (bip === '') return null;
  const told = parseInterface(bip);
  if (!told || told.subnet.prefix > 30 || told.address === told.subnet.base) {
    throw new EngineError('badParameter', `invalid address of the bridge: ${JSON.stringify(bip)}`);
  }
  return { subnet: formatSubnet(told.subnet), gateway: formatAddress(told.address) };
}

async function makeBridge(deps: BridgeDependencies, network: NetworkRecord): Promise<NetworkRecord> {
  const told = isInUse(deps.store, network) ? null : toldAddresses(deps.config.bip);
  const addresses = told ?? keptAddresses(network) ?? freeAddresses();
  const names = deps.config.bridge === '' ? freeNames(network.bridge) : [deps.config.bridge];
  const mac = macOf(parseAddress(addresses.gateway) ?? 0);
  for (const name of names) {
    // Without an address of its own it would take that of a container, and another when that one goes.
    if (!(await addBridge(deps, name, `address ${mac}`))) continue;
    setSwitches(name, false);
    try {
      await deps.ip.send(
        `address add ${addresses.gateway}/${addresses.subnet.split('/')[1]} broadcast + dev ${name}`,
        `link set ${name} up`,
      );
    } catch (error) {
      await removeDevice(deps.ip, name);
      throw error;
    }
    return { ...network, bridge: name, ...addresses };
  }
  throw new EngineError(
    'conflict',
    `the device ${deps.config.bridge || 'davit0'} exists and is not this engine's`,
  );
}

function* freeNames(last: string): Generator<string> {
  if (last !== '') yield last;
  for (let number = 0; number < 1000; number++) yield `davit${number}`;
}

/** The addresses from before, unless something else on this machine has them now. */
function keptAddresses(network: NetworkRecord): Addresses | null {
  const kept = parseInterface(network.subnet);
  if (!kept || chooseSubnet(subnetsInUse(), [kept.subnet]) === null) return null;
  return { subnet: network.subnet, gateway: network.gateway };
}

function freeAddresses(): Addresses {
  const subnet = chooseSubnet(subnetsInUse());
  if (!subnet) {
    throw new EngineError(
      'internal',
      'all predefined address pools have been fully subnetted: name a free one with --bip',
    );
  }
  return { subnet: formatSubnet(subnet), gateway: formatAddress(subnet.base + 1) };
}

/** What the machine routes, the addresses that it has and the name servers that it asks. */
export function subnetsInUse(): Subnet[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .flatMap(({ cidr }) => parseInterface(cidr ?? '')?.subnet ?? []);
  const servers = [...readFile('/etc/resolv.conf').matchAll(/^nameserver\s+(\S+)/gm)].flatMap(
    ([, server]) => parseInterface(`${server}/32`)?.subnet ?? [],
  );
  return [...parseRoutes(readFile('/proc/net/route')), ...addresses, ...servers];
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The names of the network devices that are there. */
export function deviceNames(): Set<string> {
  return new Set(
    readFile('/proc/net/dev')
      .match(/^ *[^\s:]+(?=:)/gm)
      ?.map((name) => name.trim()),
  );
}

/** The devices that are plugged into a bridge. */
export async function devicesOn(bridge: string): Promise<string[]> {
  const devices = JSON.parse(await run('ip', ['-j', 'link', 'show', 'master', bridge])) as Device[];
  return devices.map(({ ifname }) => ifname);
}

async function findDevice(name: string): Promise<Device | undefined> {
  if (!deviceNames().has(name)) return undefined;
  try {
    // Without -d, addresses come without the alias that says whose bridge it is.
    const devices = JSON.parse(await run('ip', ['-d', '-j', 'address', 'show', 'dev', name])) as Device[];
    return devices.find(({ ifname }) => ifname === name);
  } catch (error) {
    if (error instanceof ProgramFailed) return undefined;
    throw error;
  }
}

/**
 * Has the kernel forward, and route the host's loopback addresses over the bridge: a published port is reached on
 * 127.0.0.1. Containers cannot use that, as the firewall drops what they send to or from such an address. Nor may
 * they play the host's IPv6 router, which it would look for on any device.
 */
function setSwitches(bridge: string, ipv6: boolean): void {
  const switches = [
    ['ipv4/ip_forward', '1'],
    [`ipv4/conf/${bridge}/route_localnet`, '1'],
    // What comes from outside in the first seconds would be lost: the host asks for nobody's address before it is sure
    // of its own, which nobody else on a bridge of ours can have.
    ...(ipv6 ? [[`ipv6/conf/${bridge}/accept_dad`, '0']] : []),
    ...(hasIPv6() ? [[`ipv6/conf/${bridge}/disable_ipv6`, ipv6 ? '0' : '1']] : []),
    ...(ipv6 ? [['ipv6/conf/all/forwarding', '1']] : []),
  ];
  for (const [name, value = ''] of switches) {
    const file = `/proc/sys/net/${name}`;
    if (readFile(file).trim() === value) continue;
    try {
      writeFileSync(file, value);
    } catch (error) {
      log.warn('cannot change a setting of the kernel: containers may not be reached', {
        error: messageOf(error),
      });
    }
  }
}

/**
 * Two engines that start at once should not choose the same name or subnet. An abstract socket belongs to the
 * network namespace, as what is chosen does, and the kernel frees it with the process. Anyone may hold it: whoever
 * does so for long is no engine, and is not waited for.
 */
async function withBridgeLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = createServer();
  for (let attempt = 0; attempt < 300; attempt++) {
    lock.listen('\0davit-bridge');
    try {
      await once(lock, 'listening');
      break;
    } catch {
      await sleep(10);
    }
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}
