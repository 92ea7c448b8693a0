import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mount, mountFlags } from '../kernel/mount.ts';
import { type Interpreter, takeAway } from './interpreter.ts';

/** What is plugged into a network namespace. */
export interface Plug {
  bridge: string;
  /** The host's end of the pair of devices. */
  link: string;
  mac: string;
  /** As in `172.30.0.2/16`. */
  address: string;
  gateway: string;
}

/** Network namespaces, by names that all begin with `prefix`. */
export interface Sandboxes {
  readonly prefix: string;
  /** Hides what is made here from the host, where the engine has mounts of its own. */
  prepare(): void;
  path(name: string): string;
  /** Makes a namespace with its loopback device up and, with a plug, eth0 on a bridge. Leaves nothing on failure. */
  make(name: string, plug: Plug | null): Promise<void>;
  /** Takes a namespace away, which may be gone already; the kernel clears its devices a little later. */
  remove(name: string, link: string): Promise<void>;
  /** Plugs what belongs to a namespace into a bridge that was made anew. */
  replug(bridge: string, links: string[]): Promise<void>;
  list(): string[];
}

/** Where `ip netns` keeps its names. */
const directory = '/run/netns';

/**
 * Settings of the kernel that a container's own eth0 needs, for the runtime to make: a network without IPv6 must
 * not get an address from whatever neighbour plays the router.
 */
export function sandboxSysctls(): Record<string, string> {
  return hasIPv6() ? { 'net.ipv6.conf.eth0.disable_ipv6': '1' } : {};
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
  const list = () => (existsSync(directory) ? readdirSync(directory) : []).filter(isOurs);
  const isOurs = (name: string) => name.startsWith(prefix);
  const plugIn = (bridge: string, link: string) => [
    // A device that only carries frames needs no address of its own.
    ...(hasIPv6() ? [`link set ${link} addrgenmode none`] : []),
    `link set ${link} master ${bridge} up`,
    // With bridge-nf-call-iptables, what a container sends to its own published port is redirected in the bridge.
    `link set ${link} type bridge_slave hairpin on`,
  ];

  async function remove(name: string, link: string): Promise<void> {
    // Without its device a namespace that some process still holds is silent all the same.
    const commands = link === '' ? [] : [`link set ${link} down`];
    if (list().includes(name)) commands.push(`netns delete ${name}`);
    await takeAway(ip, ...commands);
  }

  return {
    prefix,
    list,
    remove,
    path: (name) => join(directory, name),

    prepare() {
      const source = `${prefix}netns`;
      if (!ownMounts || isMounted(source)) return;
      mkdirSync(directory, { recursive: true });
      const { noSuid, noDevices, noPrograms } = mountFlags;
      mount(source, directory, 'tmpfs', noSuid | noDevices | noPrograms, 'mode=755');
    },

    async make(name, plug) {
      const script = join(scratch, name);
      await writeFile(script, `${insideCommands(plug).join('\n')}\n`);
      try {
        // The program's working directory is `scratch`, so that no path needs quoting.
        await ip.send(
          `netns add ${name}`,
          `netns exec ${name} ip -batch ${name}`,
          ...(plug ? plugIn(plug.bridge, plug.link) : []),
        );
      } catch (error) {
        await remove(name, plug?.link ?? '');
        throw error;
      } finally {
        await rm(script, { force: true });
      }
    },

    async replug(bridge, links) {
      for (const link of links) await takeAway(ip, ...plugIn(bridge, link));
    },
  };
}

/**
 * What is done inside a namespace. The pair of devices is made from here, with its other end given to the engine
 * by number: `ip` never closes a namespace that it was given by name, and the kernel could not clear it.
 */
function insideCommands(plug: Plug | null): string[] {
  if (!plug) return ['link set lo up'];
  const { link, mac, address, gateway } = plug;
  return [
    'link set lo up',
    `link add eth0 address ${mac} type veth peer name ${link} netns ${process.pid}`,
    ...(hasIPv6() ? ['link set eth0 addrgenmode none'] : []),
    'link set eth0 up',
    `address add ${address} broadcast + dev eth0`,
    `route add default via ${gateway}`,
  ];
}

function isMounted(source: string): boolean {
  const target = existsSync(directory) ? realpathSync(directory) : directory;
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === target && line.includes(` tmpfs ${source} `));
}
