import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EngineConfig } from '../config.ts';
import { EngineError } from '../errors.ts';
import { isAlive, sendSignal } from '../kernel/identity.ts';
import { unreadIn } from '../kernel/pipe.ts';
import { ProgramFailed, run } from '../process.ts';
import { createBundleStore, killMonitor, tellMonitor } from './bundles.ts';
import { outOfMemoryKills, removeCgroup } from './cgroup.ts';
import { bundleFiles, startMonitor } from './conmon.ts';
import { attachConsole, attachInput, type Console, type ConsoleInput } from './console.ts';
import { createExitStore } from './exits.ts';
import { startFailure } from './failure.ts';
import { createFilterCache } from './filters.ts';
import { findPrograms } from './find.ts';
import { isFrozen, setFrozen } from './freezer.ts';
import { readHostFacts } from './host.ts';
import type { HostFacts } from './input.ts';
import { type CgroupMetrics, readMetrics } from './metrics.ts';
import type { OciProcess, OciResources, OciSpec } from './oci.ts';
import { deleteEnded, startCreated } from './shortcuts.ts';

export type { Console, ConsoleInput } from './console.ts';

export interface CreateRequest {
  id: string;
  /** Folder with the config.json, from `bundle`. */
  bundle: string;
  /** File that takes the output in the k8s-file format; empty: it is kept nowhere. */
  logPath: string;
  terminal: boolean;
  stdin: boolean;
  /** The container reads the end of its input when the first console that was attached ends it. */
  stdinOnce: boolean;
  /** Name of the OCI runtime; the default one when left out. */
  runtime?: string;
}

export interface ExecRequest {
  containerId: string;
  execId: string;
  /** Folder of the exec's own, from `bundle`. */
  bundle: string;
  process: OciProcess;
  terminal: boolean;
  stdin: boolean;
  /** Attach before the process runs, so that nothing it prints is missed. */
  attach: boolean;
}

/** Runs containers through conmon and an OCI runtime. Containers outlive the engine; IDs name containers and execs. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
  readonly cgroupVersion: 1 | 2;
  readonly facts: HostFacts;
  version(): Promise<string>;
  known(): Record<string, { path: string; runtimeArgs?: string[] }>;
  /** The folder of a container or exec. */
  bundle(id: string): string;
  /** Makes the bundle of a container. */
  prepare(id: string, spec: OciSpec): Promise<string>;
  /** Makes the container up to the point where its program would begin; returns its process ID. */
  create(request: CreateRequest): Promise<number>;
  start(id: string): Promise<void>;
  /** Sends a signal to the container's main process, or to all its processes. */
  kill(id: string, signal: number, all?: boolean): Promise<void>;
  /** What the processes of a container use. */
  metrics(id: string): Promise<CgroupMetrics>;
  /** Changes the limits of a container that runs; what is left out stays as it is. */
  update(id: string, limits: Omit<OciResources, 'devices'>): Promise<void>;
  /** Lets all processes of a container stand still. */
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  paused(id: string): Promise<boolean>;
  /** Ends a container or exec if need be and takes away all that the runtime keeps of it; never fails for want of one. */
  delete(id: string): Promise<void>;
  exec(request: ExecRequest): Promise<{ pid: number; console: Console | null }>;
  attach(bundle: string): Promise<Console>;
  /** Connects to what a container or exec reads, and to nothing that it prints. */
  attachInput(bundle: string): Promise<ConsoleInput>;
  resize(bundle: string, rows: number, cols: number): Promise<void>;
  /** Asks the monitor to go on in a new log, which takes the place of the one before; false when there is none to be asked. */
  reopenLogs(bundle: string): Promise<boolean>;
  /** Whether the monitor has not read yet what it was told last. */
  isBeingTold(bundle: string): Promise<boolean>;
  readExit(id: string): Promise<number | null>;
  /** Tells of every exit code, those of the past that were not deleted first. */
  watchExits(listener: (id: string, code: number) => void): () => void;
  /** Whether the process of a container or exec is there. */
  running(id: string): Promise<boolean>;
  /** Whether the monitor of a container or exec is there, which writes down how it ends. */
  monitored(id: string): Promise<boolean>;
  oomKilled(id: string): Promise<boolean>;
}

/** Finds the programs that run containers on this machine and puts them behind one interface. */
export async function createRuntime(deps: {
  config: Pick<EngineConfig, 'execRoot' | 'runtimes' | 'defaultRuntime'>;
}): Promise<Runtime> {
  const { execRoot } = deps.config;
  const [programs, facts] = await Promise.all([findPrograms(deps.config), readHostFacts()]);
  const bundles = createBundleStore(join(execRoot, 'bundles'));
  const exits = createExitStore(join(execRoot, 'exits'));
  const state = join(execRoot, 'oci');
  const filters = createFilterCache();
  const standard = programFor(programs.defaultRuntime);

  function programFor(name: string): { path: string; args: string[] } {
    const found = programs.runtimes[name];
    if (found) return { path: found.path, args: [...found.args, '--root', state] };
    throw new EngineError('badParameter', `unknown or invalid runtime name: ${name}`);
  }
  /** Name of the OCI runtime that made a container. */
  const runtimeOf = async (id: string) => (await bundles.record(id))?.runtime ?? programs.defaultRuntime;
  const command = async (id: string, ...args: string[]): Promise<void> => {
    const { path, args: before } = programFor(await runtimeOf(id));
    try {
      await run(path, [...before, ...args]);
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error;
      throw new EngineError('internal', error.stderr || error.message, { cause: error });
    }
  };
  const cgroupOf = async (id: string): Promise<string> => {
    const cgroup = await bundles.cgroup(id);
    if (cgroup) return cgroup;
    throw new EngineError('internal', `no cgroup is known of container ${id}`);
  };
  const removeContainer = async (id: string): Promise<void> => {
    const [record, cgroup] = await Promise.all([bundles.record(id), bundles.cgroup(id)]);
    if (record && cgroup && !isAlive(record) && (await deleteEnded(join(state, id), cgroup))) return;
    // Its monitor may still be making it, or would write down an end that is not that of its next process.
    if (cgroup) await killMonitor(bundles.path(id));
    if (existsSync(join(state, id))) await command(id, 'delete', '--force', id);
    if (cgroup) await removeCgroup(cgroup);
  };
  const remove = async (id: string): Promise<void> => {
    await removeContainer(id);
    exits.remove(id);
    await bundles.remove(id);
  };

  return {
    name: programs.defaultRuntime,
    path: standard.path,
    cgroupVersion: facts.cgroupVersion,
    facts,
    version: () => run(standard.path, ['--version']),
    known: () =>
      Object.fromEntries(
        Object.entries(programs.runtimes).map(([name, { path, args }]) => [
          name,
          args.length > 0 ? { path, runtimeArgs: args } : { path },
        ]),
      ),
    bundle: bundles.path,
    prepare: (id, spec) => bundles.prepare(id, filters.supply(id, spec)),
    async create({ id, bundle, logPath, terminal, stdin, stdinOnce, runtime }) {
      const name = runtime || programs.defaultRuntime;
      const { path, args } = programFor(name);
      exits.remove(id);
      try {
        const monitor = startMonitor({
          conmon: programs.conmon,
          runtime: path,
          runtimeArgs: args,
          containerId: id,
          bundle,
          exitDir: exits.containers,
          logPath,
          terminal,
          stdin,
          // On a terminal, who detaches may come back and type on.
          leaveStdinOpen: stdin && (!stdinOnce || terminal),
        });
        const pid = await monitor.pid;
        await bundles.remember(id, pid, name);
        return pid;
      } catch (error) {
        const program = await bundles.program(id);
        await remove(id);
        throw startFailure('create', program, error);
      } finally {
        await filters.learn(id, join(state, id));
      }
    },
    async start(id) {
      const isCrun = basename(programFor(await runtimeOf(id)).path) === 'crun';
      if (!isCrun || !(await startCreated(join(state, id)))) await command(id, 'start', id);
    },
    async kill(id, signal, all = false) {
      if (all) return command(id, 'kill', '--all', id, String(signal));
      const record = await bundles.record(id);
      // The OCI runtime does no more than this, but takes a hundred times as long: it starts, reads its state
      // and compares the same start time. The monitor is the parent, so that the number is not given away
      // before it has seen the end.
      if (record && isAlive(record)) sendSignal(record.pid, signal);
    },
    metrics: async (id) => readMetrics(await cgroupOf(id)),
    async update(id, limits) {
      const file = join(bundles.path(id), 'limits.json');
      await writeFile(file, JSON.stringify(limits), { mode: 0o600 });
      await command(id, 'update', '--resources', file, id);
    },
    pause: async (id) => setFrozen(await cgroupOf(id), true),
    resume: async (id) => setFrozen(await cgroupOf(id), false),
    paused: async (id) => isFrozen(await cgroupOf(id)),
    delete: remove,
    async exec({ containerId, execId, bundle, process: spec, terminal, stdin, attach }) {
      const name = await runtimeOf(containerId);
      const { path, args } = programFor(name);
      const processFile = join(bundle, 'process.json');
      let console: Console | null = null;
      try {
        await mkdir(bundle, { recursive: true, mode: 0o700 });
        await writeFile(processFile, JSON.stringify(spec), { mode: 0o600 });
        const monitor = startMonitor({
          conmon: programs.conmon,
          runtime: path,
          runtimeArgs: args,
          containerId,
          bundle,
          exitDir: exits.prepareExec(execId),
          logPath: '',
          terminal,
          stdin,
          leaveStdinOpen: false,
          processFile,
        });
        await monitor.attachable;
        if (attach) console = await attachConsole(bundle);
        monitor.start();
        const pid = await monitor.pid;
        await bundles.remember(execId, pid, name);
        return { pid, console };
      } catch (error) {
        console?.close();
        // A monitor that was not told to start waits, and would start if its pipe were closed.
        await killMonitor(bundle);
        exits.remove(execId);
        await bundles.remove(execId);
        throw startFailure('exec', spec.args[0] ?? '', error);
      }
    },
    attach: attachConsole,
    attachInput,
    async resize(bundle, rows, cols) {
      await tellMonitor(bundle, `1 ${rows} ${cols}\n`);
    },
    reopenLogs: (bundle) => tellMonitor(bundle, '2 0 0\n'),
    isBeingTold: async (bundle) => unreadIn(join(bundle, bundleFiles.control)) > 0,
    readExit: async (id) => exits.read(id),
    watchExits: exits.watch,
    async running(id) {
      const record = await bundles.record(id);
      return record !== null && isAlive(record);
    },
    monitored: bundles.monitored,
    async oomKilled(id) {
      const cgroup = await bundles.cgroup(id);
      const kills = cgroup ? await outOfMemoryKills(cgroup) : null;
      return kills === null ? existsSync(join(bundles.path(id), bundleFiles.outOfMemory)) : kills > 0;
    },
  };
}
