import { ProgramFailed, ProgramMissing, run } from '../process.ts';
import { type Interpreter, InterpreterEnded } from './interpreter.ts';
import { elementCommands, type GuardedNetwork, type Redirect, tableCommands } from './ruleset.ts';

/** Everything that the table holds, so that it can be made anew at any time. */
export interface FirewallState {
  networks: GuardedNetwork[];
  redirects: Redirect[];
}

export interface Firewall {
  /** Makes the table with these contents, in one transaction: no packet meets half of it. */
  load(state: FirewallState): Promise<void>;
  /** Makes the table anew as it should be, whatever someone else did to it. */
  restore(): Promise<void>;
  publish(redirects: readonly Redirect[]): Promise<void>;
  /** Takes redirects away. Those that are gone already do not matter. */
  unpublish(redirects: readonly Redirect[]): Promise<void>;
  /** Takes the whole table away, which may be gone already. */
  remove(): Promise<void>;
}

/**
 * The rules of one engine, in one nftables table that is its own. Published ports are elements of two maps, and
 * come and go without a rule being touched.
 *
 * A table of ours can let through only what no other table drops: beside a docker whose iptables chain FORWARD
 * drops by policy, or a firewall that does the same, the administrator has to accept the bridge there (as in
 * `iptables -I DOCKER-USER -i davit0 -j ACCEPT`, and the same with `-o`), also for traffic between two containers
 * of one bridge when bridge-nf-call-iptables is on.
 */
export function createFirewall({ nft, table }: { nft: Interpreter; table: string }): Firewall {
  let networks: GuardedNetwork[] = [];
  const current = new Map<string, Redirect>();
  const keyOf = ({ protocol, hostIp, hostPort }: Redirect) => `${protocol} ${hostIp} ${hostPort}`;

  /** One transaction. A program that cannot be talked to is started for it alone. */
  async function apply(commands: string): Promise<void> {
    try {
      await nft.send(commands);
    } catch (error) {
      if (!(error instanceof InterpreterEnded)) throw error;
      await run('nft', ['-f', '-'], { input: `${commands}\n` });
    }
  }

  const restore = () => apply(tableCommands(table, networks, [...current.values()]));

  async function change(action: 'add' | 'delete', redirects: readonly Redirect[]): Promise<void> {
    const commands = elementCommands(action, table, redirects);
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
      await restore();
    },
    async publish(redirects) {
      for (const redirect of redirects) current.set(keyOf(redirect), redirect);
      try {
        await change('add', redirects);
      } catch (error) {
        for (const redirect of redirects) current.delete(keyOf(redirect));
        throw error;
      }
    },
    async unpublish(redirects) {
      for (const redirect of redirects) current.delete(keyOf(redirect));
      await change('delete', redirects);
      await forgetFlows(redirects);
    },
    remove: () => apply(`add table ip ${table}; delete table ip ${table}`),
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
