import { ProgramFailed, ProgramMissing, run } from '../process.ts';
import { type Interpreter, InterpreterEnded } from './interpreter.ts';
import {
  elementCommands,
  type FirewallState,
  type GuardedNetwork,
  type GuardedPort,
  portCommands,
  type Redirect,
  removalCommands,
  tableCommands,
} from './ruleset.ts';

export interface Firewall {
  /** Makes the tables with these contents, in one transaction: no packet meets half of it. */
  load(state: FirewallState): Promise<void>;
  /** Makes the tables anew for these networks, with what else is in them. */
  guard(networks: readonly GuardedNetwork[]): Promise<void>;
  /** Makes the tables anew as they should be, whatever someone else did to them. */
  restore(): Promise<void>;
  publish(redirects: readonly Redirect[]): Promise<void>;
  /** Takes redirects away. Those that are gone already do not matter. */
  unpublish(redirects: readonly Redirect[]): Promise<void>;
  /** Lets a port send from its own addresses, and nobody else from those. */
  admit(port: GuardedPort): Promise<void>;
  /** Forgets the ports of these devices, which are gone: the kernel is told with the next one that comes. */
  forget(links: readonly string[]): void;
  /** Takes the tables away, which may be gone already. */
  remove(): Promise<void>;
}

/**
 * The rules of one engine, in nftables of its own, one for each kind of packets. Published ports are elements of two maps, and
 * come and go without a rule being touched.
 *
 * A table of ours can let through only what no other table drops: beside a docker whose iptables chain FORWARD
 * drops by policy, or a firewall that does the same, the administrator has to accept the bridge there (as in
 * `iptables -I DOCKER-USER -i davit0 -j ACCEPT`, and the same with `-o`), also for traffic between two containers
 * of one bridge when bridge-nf-call-iptables is on.
 */
export function createFirewall({ nft, table }: { nft: Interpreter; table: string }): Firewall {
  let networks: readonly GuardedNetwork[] = [];
  const current = new Map<string, Redirect>();
  const ports = new Map<string, GuardedPort>();
  let gone: GuardedPort[] = [];
  const keyOf = ({ protocol, hostIp, hostPort, target, containerPort }: Redirect) =>
    `${protocol} ${hostIp} ${hostPort || `${target} ${containerPort}`}`;

  /** One transaction. A program that cannot be talked to is started for it alone. */
  async function apply(commands: string): Promise<void> {
    try {
      await nft.send(commands);
    } catch (error) {
      if (!(error instanceof InterpreterEnded)) throw error;
      await run('nft', ['-f', '-'], { input: `${commands}\n` });
    }
  }

  function restore(): Promise<void> {
    gone = [];
    const state = { networks, redirects: [...current.values()], ports: [...ports.values()] };
    return apply(tableCommands(table, state));
  }

  async function change(commands: string): Promise<void> {
    if (commands === '') return;
    try {
      await apply(commands);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Someone has flushed the machine's rules, ours among them.
      await restore();
    }
  }

  return {
    restore,
    async load(state) {
      networks = state.networks;
      current.clear();
      for (const redirect of state.redirects) current.set(keyOf(redirect), redirect);
      for (const port of state.ports) ports.set(port.link, port);
      await restore();
    },
    guard(list) {
      networks = list;
      return restore();
    },
    async admit(port) {
      ports.set(port.link, port);
      const stale = gone;
      gone = [];
      const commands = [portCommands('delete', table, stale), portCommands('add', table, [port])];
      await change(commands.filter(Boolean).join('; '));
    },
    forget(links) {
      for (const link of links) {
        const port = ports.get(link);
        if (port) gone.push(port);
        ports.delete(link);
      }
    },
    async publish(redirects) {
      for (const redirect of redirects) current.set(keyOf(redirect), redirect);
      try {
        await change(elementCommands('add', table, redirects));
      } catch (error) {
        for (const redirect of redirects) current.delete(keyOf(redirect));
        throw error;
      }
    },
    async unpublish(redirects) {
      for (const redirect of redirects) current.delete(keyOf(redirect));
      await change(elementCommands('delete', table, redirects));
      await forgetFlows(redirects);
    },
    remove: () => apply(removalCommands(table)),
  };
}

/**
 * What a client goes on sending by UDP stays led to where it went first, and would never find a new container.
 * Only a program that not every machine has can make the kernel forget.
 */
async function forgetFlows(redirects: readonly Redirect[]): Promise<void> {
  const targets = new Set(redirects.flatMap(({ protocol, target }) => (protocol === 'udp' ? [target] : [])));
  for (const target of targets) {
    await run('conntrack', ['-D', '-p', 'udp', '--reply-src', target]).catch((error) => {
      // It fails too when there was nothing to forget.
      if (!(error instanceof ProgramMissing || error instanceof ProgramFailed)) throw error;
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ProgramFailed && error.stderr.includes('No such file or directory');
}
