import { constants } from 'node:fs';
import { cgroupRoot, cgroupSupport, cgroupVersion, isCgroup2, unifiedRoot } from '../runtime/cgroup.ts';
import { type Finding, limited, missing, ok } from './finding.ts';
import type { Machine } from './machine.ts';

/** Which cgroups there are, and whether the engine can make some. */
export function cgroups(machine: Machine): Finding {
  const version = cgroupVersion();
  const isMounted =
    version === 2 || machine.exists(`${cgroupRoot}/memory`) || machine.exists(`${cgroupRoot}/pids`);
  if (!isMounted) {
    return missing(
      `no cgroups are mounted on ${cgroupRoot}`,
      `mount -t cgroup2 cgroup2 ${cgroupRoot}, or start the system with systemd`,
    );
  }
  const folder = version === 2 ? cgroupRoot : `${cgroupRoot}/pids`;
  if (machine.root && !machine.may(folder, constants.W_OK)) {
    return missing(`${folder} is mounted read-only`, `mount -o remount,rw ${folder}`);
  }
  const hybrid = version === 1 && isCgroup2(unifiedRoot);
  return ok(`version ${version}${hybrid ? ', with the hierarchy of version 2 beside it' : ''}`);
}

/** What can be limited. */
export async function controllers(_machine: Machine): Promise<Finding> {
  const { Warnings } = await cgroupSupport();
  const lacking = Warnings.map((line) => line.replace(/^WARNING: No (.*) support$/, '$1'));
  if (lacking.length === 0) return ok('memory, swap, CPU time, CPU sets, processes');
  const remedy = lacking.some((name) => /memory|swap/.test(name))
    ? 'add cgroup_enable=memory swapaccount=1 to the kernel command line'
    : 'have the controllers handed on in cgroup.subtree_control of the root';
  return limited(`what cannot be limited: ${lacking.join(', ')}`, remedy);
}
