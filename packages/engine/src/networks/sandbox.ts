import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMounted, mount, mountFlags } from '../kernel/mount.ts';
import { homeNetworkPath, insideNetwork } from '../kernel/netns.ts';
import { ProgramFailed, run } from '../process.ts';
import { type Interpreter, takeAway } from './interpreter.ts';

/** A device of the host that containers are plugged into directly, and how they see each other there. */
export interface Parent {
  driver: 'macvlan' | 'ipvlan';
  device: string;
  mode: string;
  /** Empty where there is none. */
  flag: string;
}

/** What is plugged into a network namespace. */
export interface Plug {
  /** Empty when it is plugged into a device of the host. */
  bridge: string;
  /** The device of the host that it is on, instead of a bridge. */
  parent: Parent | null;
  /** The host's end of the pair of devices; empty with a parent. */
  link: string;
  /** Its other end, in the namespace. */
  device: string;
  mac: string;
  /** As in `172.30.0.2/16`, of both kinds. */
  addresses: string[];
  /** Bytes in a packet; 0 for what the kernel has. */
  mtu: number;
  /** Whether it reaches the host alone, and none of its neighbours. */
  isolated: boolean;
  gateway: string;
  gateway6: string;
  /** Whether what it has no other way for goes to the device, without a gateway. */
  isRouted: boolean;
}

/** Network namespaces, by names that all begin with `prefix`. */
export interface Sandboxes {
  readonly prefix: string;
  /** Hides what is made here from the host, where the engine has mounts of its own. */
  prepare(): void;
  path(name: string): string;
  /** Makes a namespace with its loopback device up and, with a plug, eth0 on a bridge. Leaves nothing on failure. */
  make(name: string, plug: Plug | null): Promise<void>;
  /** Whether this process made a namespace, and not an engine before it. */
  isNew(name: string): boolean;
  /** Plugs a network into a namespace that nobody uses yet. Leaves nothing in it on failure. */
  plug(name: string, plug: Plug): Promise<void>;
  /** The same where a container may run, which has its way out already. */
  add(name: string, plug: Plug): Promise<void>;
  /** Has a namespace send what it has no other way for to these gateways. */
  route(name: string, gateways: { gateway: string; gateway6: string }): Promise<void>;
  /** Takes a namespace away, which may be gone already; the kernel clears its devices a little later. */
  remove(name: string, links: readonly string[]): Promise<void>;
  /** Pulls the plug of one network. */
  unplug(link: string): Promise<void>;
  /** Removes a device in a namespace, both of which may be gone already. */
  removeInside(name: string, device: string): Promise<void>;
  /** Plugs what belongs to a namespace into a bridge that was made anew. */
  replug(bridge: string, links: string[], isolated: boolean): Promise<void>;
  list(): string[];
}

/** Where `ip netns` keeps its names. */
const directory = '/run/netns';

/**
 * Settings of the kernel that a container's devices need: a network without IPv6 must not get an address from
 * whatever neighbour plays the router.
 */
export function deviceSettings(device: string, ipv6: boolean): Record<string, string> {
  return hasIPv6() ? { [`net.ipv6.conf.${device}.disable_ipv6`]: ipv6 ? '0' : '1' } : {};
}

/** Whether the kernel speaks IPv6 here. */
export function hasIPv6(): boolean {
  return existsSync('/proc/net/if_inet6');
}

export interface SandboxDependencies {
  ip: Interpreter;
  tag: string;
  scratch: string;
  /** Whether this process has a mount namespace of its own, which only its containers share. */
  ownMounts: boolean;
}

export function createSandboxes({ ip, tag, scratch, ownMounts }: SandboxDependencies): Sandboxes {
  const prefix = `davit-${tag}-`;
  let scripts = 0;
  const made = new Set<string>();
  const list = () => (existsSync(directory) ? readdirSync(directory) : []).filter(isOurs);
  const isOurs = (name: string) => name.startsWith(prefix);
  /** Plugs a device into the bridge; one that is on a device of the host needs none. */
  const plugIn = (plug: Pick<Plug, 'bridge' | 'link' | 'isolated' | 'mtu'>) =>
    plug.link === '' ? [] : plugInto(plug);
  const plugInto = ({ bridge, link, isolated, mtu }: Pick<Plug, 'bridge' | 'link' | 'isolated' | 'mtu'>) => [
    // A device that only carries frames needs no address of its own.
    ...(hasIPv6() ? [`link set ${link} addrgenmode none`] : []),
    ...(mtu > 0 ? [`link set ${link} mtu ${mtu}`] : []),
    `link set ${link} master ${bridge} up`,
    // With bridge-nf-call-iptables, what a container sends to its own published port is redirected in the bridge.
    `link set ${link} type bridge_slave hairpin on${isolated ? ' isolated on' : ''}`,
  ];

  async function remove(name: string, links: readonly string[]): Promise<void> {
    // Without its devices a namespace that some process still holds is silent all the same.
    const commands = links.map((link) => `link set ${link} down`);
    if (list().includes(name)) commands.push(`netns delete ${name}`);
    await takeAway(ip, ...commands);
    made.delete(name);
  }

  /** Has `ip` do something inside, from a file in its working directory, so that no path needs quoting. */
  async function inside(name: string, commands: string[], before: string[], after: string[]): Promise<void> {
    const script = `${name}.${++scripts}`;
    await writeFile(join(scratch, script), `${commands.join('\n')}\n`);
    try {
      await ip.send(...before, `netns exec ${name} ip -batch ${script}`, ...after);
    } finally {
      await rm(join(scratch, script), { force: true });
    }
  }

  async function removeInside(name: string, device: string): Promise<void> {
    if (!list().includes(name)) return;
    await inside(name, [`link delete ${device}`], [], []).catch((error) => {
      if (!(error instanceof ProgramFailed)) throw error;
    });
  }

  async function plugAt(name: string, plug: Plug): Promise<void> {
    if (plug.parent) await makeOnParent(name, plug);
    await inside(name, insideCommands(plug), [], plugIn(plug));
  }

  async function orUnplug(name: string, plug: Plug, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (plug.parent) await removeInside(name, plug.device);
      else await takeAway(ip, `link delete ${plug.link}`);
      throw error;
    }
  }

  return {
    prefix,
    list,
    remove,
    removeInside,
    isNew: (name) => made.has(name),
    path: (name) => join(directory, name),

    prepare() {
      const source = `${prefix}netns`;
      if (!ownMounts || isMounted(directory, source)) return;
      mkdirSync(directory, { recursive: true });
      const { noSuid, noDevices, noPrograms } = mountFlags;
      mount(source, directory, 'tmpfs', noSuid | noDevices | noPrograms, 'mode=755');
    },

    async make(name, plug) {
      made.add(name);
      try {
        const commands = ['link set lo up', ...(plug ? insideCommands(plug) : [])];
        const add = `netns add ${name}`;
        if (plug?.parent) {
          await ip.send(add);
          await makeOnParent(name, plug);
        }
        await inside(name, commands, plug?.parent ? [] : [add], plug ? plugIn(plug) : []);
      } catch (error) {
        await remove(name, plug?.link ? [plug.link] : []);
        throw error;
      }
    },

    plug: (name, plug) => orUnplug(name, plug, () => plugAt(name, plug)),

    add: (name, plug) =>
      orUnplug(name, plug, async () => {
        await plugAt(name, { ...plug, gateway: '', gateway6: '', isRouted: false });
        applySettings(join(directory, name), deviceSettings(plug.device, plug.addresses.some(isOfIPv6)));
      }),

    async route(name, { gateway, gateway6 }) {
      // A way out that went through a device that is gone, is gone with it.
      const routes = [
        ...(gateway === '' ? [] : [`route replace default via ${gateway}`]),
        ...(gateway6 === '' ? [] : [`route replace ::/0 via ${gateway6}`]),
      ];
      if (routes.length > 0) await inside(name, routes, [], []);
    },

    unplug: (link) => takeAway(ip, `link delete ${link}`),

    async replug(bridge, links, isolated) {
      for (const link of links) await takeAway(ip, ...plugIn({ bridge, link, isolated, mtu: 0 }));
    },
  };
}

const isOfIPv6 = (address: string) => address.includes(':');

/** Writes settings of the kernel in a namespace whose container runs already. */
function applySettings(path: string, settings: Record<string, string>): void {
  insideNetwork(path, () => {
    for (const [name, value] of Object.entries(settings)) {
      writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value);
    }
  });
}

/** The arguments of `ip` that say what kind of device is made on a parent. */
export function kindOf({ driver, mode, flag }: Parent): string[] {
  return ['type', driver, 'mode', mode, ...(flag === '' ? [] : [flag])];
}

/** Makes a device on one of the host's. A program of its own does it: see `insideCommands`. */
async function makeOnParent(name: string, { device, mac, parent }: Plug): Promise<void> {
  if (!parent) return;
  const where = ['link', 'add', 'link', parent.device, 'name', device, 'netns', name];
  await run('ip', [...where, ...(mac === '' ? [] : ['address', mac]), ...kindOf(parent)]);
}

/**
 * What is done inside a namespace. The pair of devices is made from here, with its other end given to the engine:
 * `ip` never closes a namespace that it was given by name, and the kernel could not clear that of a container.
 */
function insideCommands(plug: Plug): string[] {
  const { link, device, mac, addresses, gateway, gateway6, isRouted, mtu, parent } = plug;
  return [
    ...(parent
      ? []
      : [`link add ${device} address ${mac} type veth peer name ${link} netns ${homeNetworkPath()}`]),
    ...(hasIPv6() && !addresses.some(isOfIPv6) ? [`link set ${device} addrgenmode none`] : []),
    ...(mtu > 0 ? [`link set ${device} mtu ${mtu}`] : []),
    `link set ${device} up`,
    // Nobody else has such an address: there is no need to wait until that is known.
    ...addresses.map((one) =>
      isOfIPv6(one)
        ? `address add ${one} dev ${device} nodad`
        : `address add ${one} broadcast + dev ${device}`,
    ),
    ...(gateway === '' ? [] : [`route add default via ${gateway}`]),
    ...(gateway6 === '' ? [] : [`route add ::/0 via ${gateway6}`]),
    ...(isRouted && !addresses.every(isOfIPv6) ? [`route add default dev ${device}`] : []),
    ...(isRouted && addresses.some(isOfIPv6) ? [`route add ::/0 dev ${device}`] : []),
  ];
}
