import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { run } from './command.ts';
import type { NetworkNamespace } from './network-namespace.ts';

function* processes(): Generator<{ pid: string; command: string; mounts: string }> {
  const namespaces = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/mnt`);
      const mounts = namespaces.has(namespace) ? '' : readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
      namespaces.add(namespace);
      yield { pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '), mounts };
    } catch {
      // It ended while we looked.
    }
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The folders in a folder; none in one that another engine has just removed. */
function foldersIn(directory: string): string[] {
  try {
    const all = readdirSync(directory, { withFileTypes: true });
    return all.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Cgroups, of either version, whose name contains one of these. */
export function cgroupsNamed(names: string[]): string[] {
  const found: string[] = [];
  const visit = (directory: string, depth: number) => {
    for (const entry of foldersIn(directory)) {
      const path = `${directory}/${entry}`;
      if (names.some((name) => entry.includes(name))) found.push(path);
      else if (depth > 0) visit(path, depth - 1);
    }
  };
  visit('/sys/fs/cgroup', 5);
  return found;
}

/** What cgroups and other things of an engine may be named after. */
export function engineNames(dataRoot: string): string[] {
  try {
    const id = readFileSync(`${dataRoot}/engine-id`, 'utf8').trim();
    return [id, createHash('sha256').update(id).digest('hex').slice(0, 8)];
  } catch {
    return [];
  }
}

/** Where an engine has all that is its own. */
export interface EnginePlace {
  readonly directory: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly network: NetworkNamespace;
}

/** What a davitd had made and did not take away again, each as a line; call it when it was stopped. */
export async function leaksOf(engine: EnginePlace, containers: Set<string>): Promise<string[]> {
  const leaks: string[] = [];
  for (const { pid, command, mounts } of processes()) {
    if (command.includes(engine.directory)) leaks.push(`process ${pid}: ${command}`);
    for (const line of mounts.split('\n')) {
      if (line.includes(engine.directory)) leaks.push(`mount in process ${pid}: ${line}`);
    }
  }
  leaks.push(
    ...cgroupsNamed([...containers, ...engineNames(engine.dataRoot)]).map((path) => `cgroup ${path}`),
  );

  const inNetwork = async (...argv: string[]) => {
    const [program = '', ...args] = engine.network.enter(argv);
    return (await run(program, args)).stdout;
  };
  const links = await inNetwork('ip', '-json', '-details', 'link');
  for (const { ifname, linkinfo } of JSON.parse(links) as {
    ifname: string;
    linkinfo?: { info_kind?: string };
  }[]) {
    if (['veth', 'bridge'].includes(linkinfo?.info_kind ?? '')) leaks.push(`link ${ifname}`);
  }
  const rules = await inNetwork('nft', 'list', 'tables');
  leaks.push(
    ...rules
      .split('\n')
      .filter(Boolean)
      .map((table) => `nft ${table}`),
  );
  const { stdout: namespaces } = await run('ip', ['netns', 'list']);
  for (const id of containers)
    if (namespaces.includes(id.slice(0, 12))) leaks.push(`network namespace of ${id}`);

  const { dataRoot, execRoot } = engine;
  const places = [
    `${dataRoot}/containers`,
    `${dataRoot}/overlay/containers`,
    `${execRoot}/bundles`,
    `${execRoot}/exits`,
  ];
  for (const place of places) leaks.push(...entries(place).map((name) => `file ${place}/${name}`));
  return leaks;
}
