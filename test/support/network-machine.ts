import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type NetworkCreateBody, type NetworkInspect, networkCreateBody, zero } from '@davit/api';
import { expect } from 'vitest';
import type { ConnectRequest, Sandbox } from '../../packages/engine/src/networks/service.ts';
import { type Background, run, start } from './command.ts';
import type { Answer, Call } from './network-host.ts';
import { networkNamespace } from './network-namespace.ts';

/** Why no machine can be made here; empty when one can. */
export const hindrance =
  process.platform !== 'linux'
    ? 'needs Linux'
    : process.getuid?.() === 0
      ? ''
      : 'needs root to make networks';

/** The engine's network service in a process of its own, with its own mounts, on a machine that a test made. */
export interface NetworkHost {
  readonly pid: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  connect(request: Partial<ConnectRequest> & { id: string }): Promise<Sandbox>;
  disconnect(containerId: string): Promise<void>;
  create(network: string, body?: Partial<NetworkCreateBody>): Promise<void>;
  join(id: string, network: string): Promise<void>;
  leave(id: string, network: string): Promise<void>;
  reconcile(running: string[]): Promise<void>;
  describe(containerId: string): Promise<Sandbox | null>;
  inspect(name: string): Promise<NetworkInspect>;
  events(): Promise<Record<string, string>[]>;
  /** A command line that runs in a container's network. */
  inside(sandbox: Sandbox, ...argv: string[]): string[];
  /** A process that keeps the mounts when the host dies, as a container's monitor does. */
  monitor(): Promise<Background>;
  kill(): Promise<void>;
}

/** A machine with a neighbour on a wire: two network namespaces. */
export interface Machine {
  readonly name: string;
  onMachine(...argv: string[]): string[];
  onNeighbour(...argv: string[]): string[];
  host(engine: { id: string; root: string; mountsOf?: number; bip?: string }): Promise<NetworkHost>;
  /** A folder for an engine, taken away with the machine. */
  root(): string;
  links(): Promise<string[]>;
  tables(): Promise<string>;
  remove(): Promise<void>;
}

export const machineAddress = '203.0.113.1';
export const neighbourAddress = '203.0.113.2';

const program = fileURLToPath(new URL('network-host.ts', import.meta.url));

async function must(argv: string[]): Promise<string> {
  const [command = '', ...args] = argv;
  const { code, stdout, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  return stdout;
}

export async function createMachine(): Promise<Machine> {
  const namespace = networkNamespace();
  const neighbour = networkNamespace();
  const roots: string[] = [];
  const hosts: ChildProcess[] = [];
  await Promise.all([namespace.create(), neighbour.create()]);
  const wire = [
    ['link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', neighbour.name],
    ['address', 'add', `${machineAddress}/24`, 'dev', 'wire'],
    ['link', 'set', 'wire', 'up'],
  ];
  for (const args of wire) await must(['ip', '-n', namespace.name, ...args]);
  await must(['ip', '-n', neighbour.name, 'address', 'add', `${neighbourAddress}/24`, 'dev', 'wire']);
  await must(['ip', '-n', neighbour.name, 'link', 'set', 'wire', 'up']);
  const onMachine = (...argv: string[]) => namespace.enter(argv);

  return {
    name: namespace.name,
    onMachine,
    onNeighbour: (...argv) => neighbour.enter(argv),
    root() {
      const root = mkdtempSync(`${tmpdir()}/davit-test-networks-`);
      roots.push(root);
      return root;
    },
    async host({ id, root, mountsOf, bip = '' }) {
      const mounts = mountsOf
        ? ['nsenter', `--mount=/proc/${mountsOf}/ns/mnt`, '--']
        : ['unshare', '--mount', '--propagation', 'slave', '--'];
      const [command = '', ...args] = onMachine(...mounts, process.execPath, program, root, id, bip);
      const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      hosts.push(child);
      return talkTo(child);
    },
    async links() {
      const devices = JSON.parse(await must(onMachine('ip', '-j', 'link'))) as { ifname: string }[];
      return devices.map(({ ifname }) => ifname).filter((name) => name !== 'lo' && name !== 'wire');
    },
    tables: () => must(onMachine('nft', 'list', 'ruleset')),
    async remove() {
      for (const child of hosts) child.kill('SIGKILL');
      await Promise.all([namespace.remove(), neighbour.remove()]);
      for (const root of roots) rmSync(root, { recursive: true, force: true });
    },
  };
}

function talkTo(child: ChildProcess): NetworkHost {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  child.on('message', (answer: Answer) => {
    waiting.get(answer.number)?.(answer);
    waiting.delete(answer.number);
  });
  const ended = once(child, 'exit').then(() => {
    for (const [number, settle] of waiting) settle({ number, error: 'the host is gone' });
  });
  const call = <T>(method: Call['method'], argument?: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      const number = ++calls;
      waiting.set(number, ({ value, error }) => {
        if (error === undefined) resolve(value as T);
        else reject(new Error(error));
      });
      child.send({ number, method, argument });
    });
  const pid = child.pid ?? 0;
  return {
    pid,
    start: () => call('start'),
    async stop() {
      await call('stop');
      child.disconnect();
      await ended;
    },
    connect: (request) => call('connect', { ...plain, name: request.id, ...request }),
    disconnect: (id) => call('disconnect', id),
    create: (Name, body) => call('create', { ...zero(networkCreateBody), Name, ...body }),
    join: (id, network) => call('join', { id, network }),
    leave: (id, network) => call('leave', { id, network }),
    reconcile: (running) => call('reconcile', running),
    describe: (id) => call('describe', id),
    inspect: (name) => call('inspect', name),
    events: () => call('events'),
    inside: ({ key }, ...argv) => ['nsenter', `--net=/proc/${pid}/root${key}`, ...argv],
    async monitor() {
      const script = ['sh', '-c', 'echo ready; exec sleep 1000'];
      const monitor = start('nsenter', [`--mount=/proc/${pid}/ns/mnt`, ...script], { timeout: 600_000 });
      await monitor.prints('ready');
      return monitor;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const plain: Omit<ConnectRequest, 'id' | 'name'> = {
  networkMode: 'default',
  networks: {},
  dns: [],
  portBindings: {},
  exposedPorts: [],
  publishAll: false,
};

/** Starts a server in a network, on an address that stands for all: to TCP and UDP (of IPv4) on this port it answers its name and whom it sees. */
export async function serve(
  argv: (...argv: string[]) => string[],
  name: string,
  port: number,
  address = '0.0.0.0',
): Promise<Background> {
  const script = `
    const [name, port, address] = process.argv.slice(1);
    const seen = (socket) => name + ' ' + socket.remoteAddress.replace('::ffff:', '');
    require('node:net').createServer((socket) => socket.end(seen(socket))).listen(+port, address, () => {
      const udp = require('node:dgram').createSocket('udp4');
      udp.on('message', (_, from) => udp.send(name + ' ' + from.address, from.port, from.address));
      udp.bind(+port, () => console.log('ready'));
    });`;
  const [command = '', ...args] = argv(process.execPath, '-e', script, name, String(port), address);
  const server = start(command, args, { timeout: 600_000 });
  await server.prints('ready');
  return server;
}

/**
 * What servers answer to `tcp 127.0.0.1 80` and the like, asked all at once; an empty text for one that does not
 * within a second and a half that this process had time for.
 */
export async function ask(argv: (...argv: string[]) => string[], ...questions: string[]): Promise<string[]> {
  const script = `
    const answers = process.argv.slice(1).map((question) => new Promise((resolve) => {
      const [protocol, address, port] = question.split(' ');
      let ticks = 0;
      setInterval(() => ++ticks === 15 && resolve(''), 100);
      const got = (bytes) => resolve(String(bytes));
      if (protocol === 'tcp') {
        require('node:net').connect(+port, address).on('data', got).on('error', () => resolve(''));
        return;
      }
      const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4').on('message', got);
      const send = () => socket.send('?', +port, address, () => undefined);
      send();
      setInterval(send, 100);
    }));
    Promise.all(answers).then((all) => process.stdout.write(JSON.stringify(all), () => process.exit()));`;
  return JSON.parse(await must(argv(process.execPath, '-e', script, ...questions))) as string[];
}

/** Runs a command line that must succeed. */
export async function succeed(argv: string[]): Promise<string> {
  return must(argv);
}

/**
 * Ends servers and takes a machine away. When the test passed, the host first gives up all its containers, and
 * nothing of theirs may be left on the machine.
 */
export async function clearMachine(
  { machine, host, servers }: { machine: Machine; host: NetworkHost; servers: Background[] },
  hasPassed: boolean,
): Promise<void> {
  for (const server of servers.splice(0)) {
    server.signal('SIGKILL');
    await server.done;
  }
  try {
    if (!hasPassed) return;
    await host.reconcile([]);
    await host.stop();
    expect(await machine.links()).toEqual([]);
    expect(await machine.tables()).toBe('');
  } finally {
    await machine.remove();
  }
}
