import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { log } from '../log.ts';
import { containerCgroup } from '../runtime/cgroup.ts';
import { resolveDevices } from '../runtime/devices.ts';
import { findProgram } from '../runtime/find.ts';
import { buildSpec } from '../runtime/spec.ts';
import type { ContainerRecord } from '../state/containers.ts';
import { mountSharedMemory, unmountSharedMemory } from '../storage/sharedmemory.ts';
import type { Trace } from '../trace.ts';
import type { Context } from './context.ts';
import { type ContainerFiles, filesIn, writeFiles } from './files.ts';
import { knowledgeOf, type LinkKnowledge } from './links.ts';
import { logOf } from './logrequest.ts';
import { connectRequest } from './networks.ts';
import { prepareRoot, readAccounts } from './root.ts';
import { prepareSources, releaseSources } from './sources.ts';

interface JoinedNetwork {
  namespace: string;
  files: ContainerFiles;
  /** What the kernel is to be told in that network. */
  sysctls: Record<string, string>;
}

/** Waits for all, even when some fail, so that nothing is under way when what was done is undone. */
async function all<const T extends readonly Promise<unknown>[]>(
  tasks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

/** The running container that a mode such as `container:web` names; null for any other mode. */
function sharedWith(context: Context, mode: string, what: string): ContainerRecord | null {
  if (!mode.startsWith('container:')) return null;
  const name = mode.slice('container:'.length);
  const other = context.store.find(name);
  // One that is paused has its namespaces as well.
  if (['running', 'paused'].includes(other.state.status) && other.state.pid > 0) return other;
  throw new EngineError('conflict', `cannot join ${what} of a non running container: ${other.id}`);
}

/** The network of a container, and the files that tell it of it: its own, or those of the one whose network it joins. */
async function networkOf(
  context: Context,
  record: ContainerRecord,
  links: LinkKnowledge['hosts'],
): Promise<JoinedNetwork> {
  const sandbox = await context.networks.connect(connectRequest(record));
  const other = sharedWith(context, record.hostConfig.NetworkMode, 'network');
  if (other) {
    const namespace = sandbox.key || `/proc/${other.state.pid}/ns/net`;
    return { namespace, sysctls: {}, files: filesIn(context.folder(other.id)) };
  }
  const files = await writeFiles(context.folder(record.id), record.config, record.hostConfig, sandbox, links);
  return { namespace: sandbox.key, sysctls: sandbox.sysctls, files };
}

/** What a container has in common with others: namespaces and memory of another, or memory for others to share. */
async function sharesOf(context: Context, { id, hostConfig }: ContainerRecord) {
  const ipc = sharedWith(context, hostConfig.IpcMode, 'IPC namespace');
  const pid = sharedWith(context, hostConfig.PidMode, 'PID namespace');
  if (ipc && ipc.hostConfig.IpcMode !== 'shareable') {
    throw new EngineError(
      'conflict',
      `cannot join IPC of container ${ipc.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  }
  const isShareable = hostConfig.IpcMode === 'shareable';
  if (isShareable) await mountSharedMemory(sharedMemoryIn(context, id), hostConfig.ShmSize);
  return {
    ipcNamespace: ipc ? `/proc/${ipc.state.pid}/ns/ipc` : '',
    sharedMemory: ipc || isShareable ? sharedMemoryIn(context, ipc?.id ?? id) : '',
    pidNamespace: pid ? `/proc/${pid.state.pid}/ns/pid` : '',
  };
}

function sharedMemoryIn({ folder }: Context, id: string): string {
  return join(folder(id), 'shm');
}

function initProgram(context: Context, record: ContainerRecord): string {
  if (!record.hostConfig.Init) return '';
  const { initPath } = context.config;
  // It runs inside the container: one that needs libraries would not find them there.
  const candidates = initPath ? [initPath] : ['docker-init', 'tini-static', 'catatonit'];
  const found = candidates.map(findProgram).find((path) => path !== undefined);
  if (found) return found;
  throw new EngineError(
    'unavailable',
    `no program for --init is installed (${candidates.join(', ')}); this installs one: apt-get install tini`,
  );
}

/**
 * Makes a container up to the point where its program would begin, and opens its console when someone waits for
 * its output; returns its process ID. What was done when a step fails is left to `dismantle`.
 */
export async function assemble(
  context: Context,
  record: ContainerRecord,
  { part }: Pick<Trace, 'part'>,
): Promise<number> {
  const { runtime, roots } = context;
  const { id, config, hostConfig } = record;
  const initPath = initProgram(context, record);
  const links = knowledgeOf(context, record);
  const [root, network, shares, sources, devices] = await all([
    part('root', roots.mount(id, [...record.layers], { volatile: hostConfig.AutoRemove })),
    part('network', networkOf(context, record, links.hosts)),
    sharesOf(context, record),
    part('mounts', prepareSources(context, record)),
    resolveDevices(hostConfig),
  ]);
  const { spec, warnings } = buildSpec({
    id,
    config: {
      ...config,
      Env: [...links.environment, ...(config.Env ?? []), ...context.live(record).unrecorded],
    },
    hostConfig: { ...hostConfig, Sysctls: { ...network.sysctls, ...hostConfig.Sysctls } },
    root,
    ...readAccounts(root),
    cgroupsPath: containerCgroup(
      context.engineId,
      hostConfig.CgroupParent || context.config.cgroupParent,
      id,
    ),
    ...shares,
    networkNamespace: network.namespace,
    hostnameFile: network.files.hostname,
    hostsFile: network.files.hosts,
    resolvFile: network.files.resolv,
    mounts: prepareRoot(root, record, sources),
    devices,
    initPath,
    facts: runtime.facts,
  });
  for (const warning of warnings) log.warn(warning, { container: record.name });
  await context.logs.prepare(logOf(record));
  const bundle = await part('bundle', runtime.prepare(id, spec));
  const made = runtime.create({
    id,
    bundle,
    logPath: hostConfig.LogConfig.Type === 'none' ? '' : context.logs.path(id),
    terminal: config.Tty,
    stdin: config.OpenStdin,
    stdinOnce: config.StdinOnce && !config.Tty,
    runtime: hostConfig.Runtime,
  });
  const pid = await part('create', made);
  const { hub } = context.live(record);
  if (hub.clients > 0) await hub.open(() => runtime.attach(bundle));
  return pid;
}

/** Takes away all that a container holds when it does not run: processes, mounts, network. Safe to repeat. */
export async function dismantle(context: Context, id: string): Promise<void> {
  await all([
    context.runtime.delete(id),
    context.roots.unmount(id),
    context.networks.disconnect(id),
    unmountSharedMemory(sharedMemoryIn(context, id)),
    releaseSources(context, id),
  ]);
}

/** The same for a container that is not to come back, with all that it has written. Safe to repeat. */
export async function destroy(context: Context, id: string): Promise<void> {
  await all([
    context.runtime.delete(id),
    context.networks.disconnect(id),
    releaseSources(context, id),
    unmountSharedMemory(sharedMemoryIn(context, id)).then(() => erase(context, id)),
  ]);
}

/** Removes all that a container that holds nothing more has written. */
export async function erase(context: Context, id: string): Promise<void> {
  await all([context.roots.remove(id), rm(context.folder(id), { recursive: true, force: true })]);
}
