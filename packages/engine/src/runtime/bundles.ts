import { mkdirSync } from 'node:fs';
import { constants, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { constants as system } from 'node:os';
import { join } from 'node:path';
import { identify, type ProcessIdentity, sendSignal } from '../kernel/identity.ts';
import { bundleFiles } from './conmon.ts';
import type { OciSpec } from './oci.ts';

/** What is kept of a container or exec beside the files of conmon and the OCI runtime. */
export interface BundleRecord extends ProcessIdentity {
  /** Name of the OCI runtime that made it. */
  runtime: string;
}

/** The folders of containers and execs below `<execRoot>/bundles`. */
export interface BundleStore {
  path(id: string): string;
  /** Makes the bundle of a container: its folder with config.json. */
  prepare(id: string, spec: OciSpec): Promise<string>;
  remember(id: string, pid: number, runtime: string): Promise<void>;
  record(id: string): Promise<BundleRecord | null>;
  /** Whether the monitor runs. */
  monitored(id: string): Promise<boolean>;
  /** The container's cgroup, from its config.json. */
  cgroup(id: string): Promise<string | null>;
  /** The program that the container was to run, from its config.json. */
  program(id: string): Promise<string>;
  remove(id: string): Promise<void>;
}

const recordFile = 'runtime.json';

/** Opens the store; what earlier engines left is still in it. */
export function createBundleStore(folder: string): BundleStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const records = new Map<string, BundleRecord>();
  const cgroups = new Map<string, string>();
  const path = (id: string) => join(folder, id);
  const spec = (id: string) => readJson<OciSpec>(join(path(id), bundleFiles.config));
  return {
    path,
    async prepare(id, newSpec) {
      await mkdir(path(id), { recursive: true, mode: 0o700 });
      await writeFile(join(path(id), bundleFiles.config), JSON.stringify(newSpec), { mode: 0o600 });
      cgroups.set(id, newSpec.linux.cgroupsPath);
      return path(id);
    },
    async remember(id, pid, runtime) {
      // A process that has ended by now has no start time: none can be mistaken for it.
      const record = { ...(identify(pid) ?? { pid, startTime: -1 }), runtime };
      records.set(id, record);
      await writeFile(join(path(id), recordFile), JSON.stringify(record), { mode: 0o600 });
    },
    async record(id) {
      const record = records.get(id) ?? (await readJson<BundleRecord>(join(path(id), recordFile)));
      if (record) records.set(id, record);
      return record;
    },
    async monitored(id) {
      const text = await readFile(join(path(id), bundleFiles.monitorPid), 'utf8').catch(() => '');
      // Its number may have been given to another program since, but hardly to another monitor.
      const name = await readFile(`/proc/${Number(text)}/comm`, 'utf8').catch(() => '');
      return name.trim() === 'conmon' && identify(Number(text)) !== null;
    },
    async cgroup(id) {
      const found = cgroups.get(id) ?? (await spec(id))?.linux.cgroupsPath;
      if (found) cgroups.set(id, found);
      return found ?? null;
    },
    program: async (id) => (await spec(id))?.process.args[0] ?? '',
    async remove(id) {
      records.delete(id);
      cgroups.delete(id);
      await rm(path(id), { recursive: true, force: true });
    },
  };
}

/** Reads a file that the engine wrote itself; null when it is missing or was not written to its end. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Sends a line to the monitor of a bundle; false when there is none any more. */
export async function tellMonitor(bundle: string, line: string): Promise<boolean> {
  // Without a reader, opening must fail at once and not wait for one.
  const flags = constants.O_WRONLY | constants.O_NONBLOCK;
  const fifo = await open(join(bundle, bundleFiles.control), flags).catch(() => null);
  try {
    await fifo?.write(line);
    return fifo !== null;
  } finally {
    await fifo?.close();
  }
}

/** Ends the monitor of a bundle, and with it the OCI runtime that it may be waiting for. */
export async function killMonitor(bundle: string): Promise<void> {
  const pid = Number(await readFile(join(bundle, bundleFiles.monitorPid), 'utf8').catch(() => '0'));
  const commandLine = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
  if (commandLine.includes(bundle)) sendSignal(pid, system.signals.SIGKILL);
}
