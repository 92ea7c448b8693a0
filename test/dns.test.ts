import { describe, expect, it } from 'vitest';
import { start } from './support/command.ts';
import { differs } from './support/original.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

async function idle(name: string, ...flags: string[]): Promise<void> {
  await davit.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sleep', '1000');
}

/** The addresses that a name has in a container, in the order in which they come. */
async function resolve(container: string, name: string): Promise<string[]> {
  const { stdout } = await davit('exec', container, 'nslookup', '-type=a', name);
  return [...stdout.replace(/^Server:.*\nAddress:.*\n/, '').matchAll(/^Address(?: \d+)?: ([\d.]+)/gm)].map(
    ([, address = '']) => address,
  );
}

const resolves = (container: string, name: string, addresses: string[]) =>
  waitFor(
    async () => (await resolve(container, name)).sort().join() === addresses.join(),
    `${name} in ${container}`,
  );

describe('names', () => {
  it('are known within a network, and nowhere else', async () => {
    await davit.ok('network', 'create', '--subnet', '10.230.0.0/24', 'names');
    await davit.ok('network', 'create', 'others');
    await idle('db', '--network', 'names', '--ip', '10.230.0.20', '--network-alias', 'store', '-h', 'box');
    await idle('app', '--network', 'names');
    await idle('stranger', '--network', 'others');
    const id = (await davit.ok('inspect', '-f', '{{.Id}}', 'db')).trim().slice(0, 12);
    for (const name of ['db', 'DB', 'store', id, 'db.names']) await resolves('app', name, ['10.230.0.20']);
    const { stdout } = await davit('exec', 'app', 'nslookup', '10.230.0.20');
    expect(stdout).toContain('name = db.names');
    expect(await resolve('stranger', 'db')).toEqual([]);
    expect(await davit.ok('exec', 'app', 'cat', '/etc/resolv.conf')).toContain('nameserver 127.0.0.11');
    // Another name is known at once, the old one forgotten.
    await davit.ok('rename', 'db', 'base');
    await resolves('app', 'base', ['10.230.0.20']);
    expect(await resolve('app', 'db')).toEqual([]);
    await davit.ok('rm', '-f', 'base');
    expect(await resolve('app', 'store')).toEqual([]);
    await davit.ok('rm', '-f', 'app', 'stranger');
    await davit.ok('network', 'rm', 'names', 'others');
  });

  it('share work out, and can be private to one container', async () => {
    await davit.ok('network', 'create', '--subnet', '10.231.0.0/24', 'pool');
    for (const number of [1, 2, 3]) {
      await idle(
        `worker${number}`,
        '--network',
        'pool',
        '--ip',
        `10.231.0.1${number}`,
        '--network-alias',
        'work',
      );
    }
    await idle('client', '--network', 'pool', '--link', 'worker2:favourite');
    await resolves('client', 'work', ['10.231.0.11', '10.231.0.12', '10.231.0.13']);
    const first = new Set<string | undefined>();
    for (let attempt = 0; attempt < 12; attempt++) first.add((await resolve('client', 'work'))[0]);
    expect(first.size).toBeGreaterThan(1);
    await resolves('client', 'favourite', ['10.231.0.12']);
    expect(await resolve('worker1', 'favourite')).toEqual([]);
    await davit.ok('rm', '-f', 'worker1', 'worker2', 'worker3', 'client');
    await davit.ok('network', 'rm', 'pool');
  });

  it('come quickly while a server of the world is dead, and from one that lives', async () => {
    await davit.ok('network', 'create', '--subnet', '10.232.0.0/24', 'slow');
    // Nobody is there; a packet to it is dropped without a word.
    await idle('near', '--network', 'slow', '--ip', '10.232.0.5', '--dns', '10.232.0.99');
    const lost = davit('exec', 'near', 'nslookup', '-type=a', 'far.example');
    const begun = performance.now();
    await resolves('near', 'near', ['10.232.0.5']);
    expect(performance.now() - begun).toBeLessThan(1500);
    expect((await lost).code).not.toBe(0);

    const script = `
      const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (query, { port, address }) => {
        const end = query.indexOf(0, 12) + 5;
        const answer = Buffer.concat([query.subarray(0, end), Buffer.from('c00c00010001000000640004c0000207', 'hex')]);
        answer.writeUInt16BE(0x8180, 2);
        answer.writeUInt16BE(1, 6);
        answer.writeUInt32BE(0, 8);
        socket.send(answer, port, address);
      });
      socket.bind(53, '198.51.100.1', () => console.log('ready'));`;
    const [program = '', ...args] = engine.network.enter([process.execPath, '-e', script]);
    const server = start(program, args, { timeout: 60_000 });
    try {
      await server.prints('ready');
      await idle('asker', '--network', 'slow', '--dns', '198.51.100.1');
      await resolves('asker', 'far.example', ['192.0.2.7']);
      server.signal('SIGKILL');
      await server.done;
      // It is remembered.
      if (!differs('names of the world are remembered'))
        expect(await resolve('asker', 'far.example')).toEqual(['192.0.2.7']);
    } finally {
      server.signal('SIGKILL');
    }
    await davit.ok('rm', '-f', 'near', 'asker');
    await davit.ok('network', 'rm', 'slow');
  });

  it.skipIf(differs('names survive a crash and leave port 53 alone'))(
    'leave port 53 to containers, and are answered again after a crash',
    async () => {
      await davit.ok('network', 'create', '--subnet', '10.233.0.0/24', 'lasting');
      await idle('one', '--network', 'lasting', '--ip', '10.233.0.5');
      await idle('two', '--network', 'lasting');
      await davit.ok('exec', '-d', 'two', 'nc', '-l', '-p', '53', '-s', '0.0.0.0');
      await resolves('two', 'one', ['10.233.0.5']);
      await engine.crash();
      await engine.start();
      await resolves('two', 'one', ['10.233.0.5']);
      await davit.ok('network', 'inspect', 'lasting');
      await idle('three', '--network', 'lasting', '--ip', '10.233.0.7');
      await resolves('two', 'three', ['10.233.0.7']);
      await davit.ok('rm', '-f', 'one', 'two', 'three');
      await davit.ok('network', 'rm', 'lasting');
    },
  );
});
