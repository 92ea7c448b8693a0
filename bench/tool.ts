import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { clientEnvironment } from '../test/support/client.ts';
import { run, start } from '../test/support/command.ts';
import { createEngine, type Engine, root } from '../test/support/engine.ts';
import { busyboxImage, dockerArchive } from '../test/support/image.ts';
import type { NetworkNamespace } from '../test/support/network-namespace.ts';
import { startRegistry, type TestRegistry } from '../test/support/registry.ts';

export type ToolName = 'davit' | 'docker' | 'podman';

/** One of the command lines that are compared, with its engine where it has one. */
export interface Tool {
  readonly name: ToolName;
  /** Seconds that a command takes from its start to its end, output thrown away. Fails when it does. */
  time(args: string[], input?: Buffer): Promise<number>;
  /** The same for many command lines, so many at a time. */
  timeMany(commands: string[][], atATime: number): Promise<number>;
  output(args: string[]): Promise<string>;
  /** Memory in megabytes (PSS) of the engine and of the monitors of its containers. */
  memory(): number;
  /** The most memory in megabytes that any of these processes ever had resident. */
  peak(): number;
  /** Address of a registry beside the engine, without anything in it. */
  emptyRegistry(): Promise<string>;
  /** Flags with which it speaks to that registry. */
  readonly insecure: string[];
  close(): Promise<void>;
}

interface Place {
  argv: string[];
  env: NodeJS.ProcessEnv;
  directory: string;
  network: NetworkNamespace;
  close(): Promise<void>;
}

/** Whether a tool is on this machine. */
export async function isInstalled(name: ToolName): Promise<boolean> {
  if (name === 'davit') return true;
  return (await run('sh', ['-c', `command -v ${name}`])).code === 0;
}

async function withEngine(engine: Engine, argv: string[]): Promise<Place> {
  await engine.start();
  return {
    argv,
    env: clientEnvironment(engine),
    directory: engine.directory,
    network: engine.network,
    async close() {
      await engine.stop();
      await engine.discard();
    },
  };
}

/**
 * podman has no engine: its storage and the namespaces that it works in are its own all the same. crun refuses a
 * cgroup hierarchy of both versions, so the second one is hidden from it, as davitd does it.
 */
async function podman(): Promise<Place> {
  const place = await createEngine('davitd');
  const { directory, network } = place;
  const hide = 'umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec sleep infinity';
  const holder = start('unshare', ['--mount', 'sh', '-c', hide], { timeout: 2 ** 31 - 1 });
  await holder.prints('ready');
  const roots = [
    '--root',
    `${directory}/root`,
    '--runroot',
    `${directory}/run`,
    '--tmpdir',
    `${directory}/tmp`,
  ];
  const flags = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--log-level', 'error'];
  // It wants higher limits than a sandbox may give.
  const settings = `${directory}/containers.conf`;
  writeFileSync(settings, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n');
  const mounts = `--mount=/proc/${holder.child.pid}/ns/mnt`;
  return {
    argv: ['nsenter', mounts, `--net=${network.path}`, 'podman', ...roots, ...flags],
    env: { PATH: process.env.PATH, HOME: `${directory}/home`, CONTAINERS_CONF: settings },
    ...{ directory, network },
    async close() {
      holder.signal('SIGKILL');
      await holder.done;
      await place.discard();
    },
  };
}

function placeOf(name: ToolName): Promise<Place> {
  if (name === 'podman') return podman();
  if (name === 'docker') return createEngine('dockerd').then((engine) => withEngine(engine, ['docker']));
  return createEngine('davitd').then((engine) => withEngine(engine, [`${root}/bin/davit`]));
}

/** Figures in megabytes of all processes that have a directory in their command line. */
function figuresOf(directory: string, file: string, pattern: RegExp): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory)) return [];
      return Number(pattern.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

/** Seconds that node takes to do nothing. */
export async function timeNode(): Promise<number> {
  const began = performance.now();
  await run(process.execPath, ['-e', '0']);
  return (performance.now() - began) / 1000;
}

/** Brings up a tool with the busybox image. */
export async function openTool(name: ToolName): Promise<Tool> {
  const { argv, env, directory, network, close } = await placeOf(name);
  let registry: TestRegistry | undefined;
  const [program = '', ...first] = argv;

  async function time(args: string[], input?: Buffer): Promise<number> {
    const begin = performance.now();
    const child = spawn(program, [...first, ...args], {
      // The builder that all of them have.
      env: { ...env, DOCKER_BUILDKIT: '0' },
      stdio: [input ? 'pipe' : 'ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdin?.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    const seconds = (performance.now() - begin) / 1000;
    if (code !== 0) throw new Error(`${name} ${args.join(' ')} exited with ${code}: ${errors}`);
    return seconds;
  }

  await time(['load'], await dockerArchive([await busyboxImage()]));
  return {
    name,
    time,
    async timeMany(commands, atATime) {
      const begin = performance.now();
      const waiting = [...commands];
      const worker = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await time(next);
      };
      await Promise.all(Array.from({ length: atATime }, worker));
      return (performance.now() - begin) / 1000;
    },
    async output(args) {
      const { code, stdout, stderr } = await run(program, [...first, ...args], { env, timeout: 300_000 });
      if (code !== 0) throw new Error(`${name} ${args.join(' ')} exited with ${code}: ${stderr}`);
      return stdout.trim();
    },
    memory: () => figuresOf(directory, 'smaps_rollup', /^Pss:\s+(\d+)/m).reduce((sum, one) => sum + one, 0),
    peak: () => Math.max(...figuresOf(directory, 'status', /^VmHWM:\s+(\d+)/m)),
    insecure: name === 'podman' ? ['--tls-verify=false'] : [],
    async emptyRegistry() {
      const data = `${directory}/registry/data`;
      await rm(data, { recursive: true, force: true });
      registry ??= await startRegistry({ network, directory: `${directory}/registry`, port: 5000 });
      return registry.address;
    },
    async close() {
      await registry?.stop();
      await close();
    },
  };
}
