import { parseVersion } from '../runtime/components.ts';
import { mayLockMemory } from '../runtime/find.ts';
import { type Finding, limited, missing, ok } from './finding.ts';
import { installCommand } from './install.ts';
import type { Machine } from './machine.ts';

/** A program that the engine starts. */
export interface ProgramNeed {
  name: string;
  /** Debian's package of it. */
  package: string;
  /** What does not work without it. */
  what: string;
  /** Whether no container runs without it. */
  needed: boolean;
  /** How it is asked for its version. */
  version?: string;
}

export const programs: readonly ProgramNeed[] = [
  { name: 'conmon', package: 'conmon', what: 'monitors of containers', needed: true },
  { name: 'nft', package: 'nftables', what: 'published ports and NAT', needed: true },
  { name: 'ip', package: 'iproute2', what: 'bridges and network namespaces', needed: true, version: '-V' },
  { name: 'unshare', package: 'util-linux', what: 'namespaces', needed: true },
  { name: 'nsenter', package: 'util-linux', what: 'namespaces', needed: true },
  { name: 'mount', package: 'mount', what: 'root filesystems', needed: true },
  { name: 'tar', package: 'tar', what: 'image layers', needed: true },
  { name: 'xz', package: 'xz-utils', what: 'image layers packed with xz', needed: false },
  { name: 'zstd', package: 'zstd', what: 'image layers packed with zstd', needed: false },
  { name: 'ps', package: 'procps', what: 'davit top', needed: false },
  { name: 'find', package: 'findutils', what: 'layers of builds', needed: false },
  { name: 'touch', package: 'coreutils', what: 'SOURCE_DATE_EPOCH in builds', needed: false },
  { name: 'git', package: 'git', what: 'building from git repositories', needed: false },
];

/** Whether a program is there, and its version. */
export async function program(need: ProgramNeed, machine: Machine): Promise<Finding> {
  const path = machine.find(need.name);
  if (path) return ok(`${await versionOf(path, machine, need.version)} (${path})`.trimStart());
  const without = `not installed: without it there is no ${need.what}`;
  const say = need.needed ? missing : limited;
  return say(need.needed ? 'not installed' : without, installCommand([need.package], machine), [
    need.package,
  ]);
}

async function versionOf(path: string, machine: Machine, flag = '--version'): Promise<string> {
  const { ok: answers, output } = await machine.attempt(path, [flag]);
  // What follows the first line is about licences, which have versions, too.
  return answers ? parseVersion(output.split('\n', 1)[0] ?? '').version.replace(/,$/, '') : '';
}

/** An OCI runtime that works here, by the rules by which the engine chooses one. */
export async function runtime(
  machine: Machine,
  configured: { defaultRuntime: string; runtimes: Record<string, { path: string }> },
  locksMemory: () => Promise<boolean> = mayLockMemory,
): Promise<Finding> {
  const { defaultRuntime: wanted } = configured;
  const found = ['crun', 'runc'].filter((name) => machine.find(name));
  if (wanted) {
    const path = machine.find(configured.runtimes[wanted]?.path ?? wanted);
    const isPlain = wanted === 'crun' || wanted === 'runc';
    return path
      ? ok(`${wanted} ${await versionOf(path, machine)} (${path})`)
      : missing(
          `the default runtime ${wanted} is not installed`,
          isPlain ? installCommand([wanted], machine) : 'name another one with default-runtime',
          isPlain ? [wanted] : [],
        );
  }
  if (found.length === 0) {
    return missing('neither crun nor runc is installed', installCommand(['crun'], machine), ['crun']);
  }
  // crun lifts its limit of locked memory first, and gives up where it may not.
  const works = found.filter((name) => name !== 'crun' || machine.find('runc') === undefined);
  const chosen =
    found.includes('crun') && (await locksMemory()) ? 'crun' : works.find((name) => name === 'runc');
  if (!chosen) {
    return missing('crun may not lock memory here, which it needs', installCommand(['runc'], machine), [
      'runc',
    ]);
  }
  const path = machine.find(chosen) ?? chosen;
  const other = found.find((name) => name !== chosen);
  return ok(
    `${chosen} ${await versionOf(path, machine)} (${path})${other ? `; ${other} is there, too` : ''}`,
  );
}

/** A program for `run --init`. */
export function init(machine: Machine, configured: string): Finding {
  const candidates = configured ? [configured] : ['docker-init', 'tini-static', 'catatonit'];
  const path = candidates.map((name) => machine.find(name)).find(Boolean);
  if (path) return ok(path);
  const packages = configured ? [] : ['catatonit'];
  const remedy = installCommand(packages, machine) || 'correct init-path';
  return limited(`${candidates.join(', ')}: none is there, and run --init needs one`, remedy, packages);
}
