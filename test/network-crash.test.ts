import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const clients = 8;
const rounds = 7;

interface Inspected {
  Name: string;
  Containers: Record<string, { IPv4Address: string }>;
}

/** What one client does over and over; what fails while the engine is away is left undone. */
async function work(client: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const name = `c${client}-${round}`;
    switch ((client + round) % 4) {
      case 0:
        await davit('network', 'create', `net-${name}`);
        await davit('run', '-d', '--name', name, '--network', `net-${name}`, 'busybox', 'sleep', '1000');
        break;
      case 1:
        await davit('run', '-d', '--name', name, '--network', 'shared', 'busybox', 'sleep', '1000');
        break;
      case 2:
        await davit('network', 'connect', 'shared', `c${client}-${round - 2}`);
        break;
      default:
        await davit('network', 'disconnect', 'shared', `c${client}-${round - 2}`);
        await davit('rm', '-f', `c${client}-${round - 2}`);
    }
  }
}

async function onHost(...argv: string[]): Promise<string> {
  const [program = '', ...args] = engine.network.enter(argv);
  return (await run(program, args)).stdout;
}

const inspectAll = async (): Promise<Inspected[]> => {
  const names = (await davit.ok('network', 'ls', '-q', '-f', 'driver=bridge')).split('\n');
  return JSON.parse(await davit.ok('network', 'inspect', ...names)) as Inspected[];
};

describe.skipIf(againstOriginal.engine)('networks under many hands', () => {
  it('give no address twice and leave nothing behind when the engine is killed in between', async () => {
    await davit.ok('network', 'create', 'shared');
    const all = Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
    // Half of the work is done when the engine goes.
    await davit.ok('run', '--rm', '--network', 'shared', 'busybox', 'true');
    await davit.ok('run', '--rm', 'busybox', 'true');
    await engine.crash();
    await engine.start();
    await all;

    const members = (await inspectAll()).flatMap(({ Name, Containers }) =>
      Object.entries(Containers).map(([id, { IPv4Address }]) => ({
        id,
        network: Name,
        address: IPv4Address,
      })),
    );
    const addresses = members.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    // What the engine says is what the containers have.
    for (const { id, address } of members) {
      expect(await davit.ok('exec', id, 'ip', '-4', '-o', 'address')).toContain(`inet ${address} `);
    }
    const ids = (await davit.ok('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await davit.ok('rm', '-f', ...ids);
    await davit.ok('network', 'prune', '-f');
    const bridges = JSON.parse(await onHost('ip', '-j', 'link', 'show', 'type', 'bridge')) as unknown[];
    expect(bridges.length).toBe(1);
    expect(await onHost('nft', 'list', 'ruleset')).not.toContain('"br-');
    expect((await inspectAll()).map(({ Name }) => Name)).toEqual(['bridge']);
  }, 120_000);
});
