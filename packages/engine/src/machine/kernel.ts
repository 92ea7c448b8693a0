import { capabilityNames } from '../runtime/capabilities.ts';
import { isAtLeast } from '../runtime/seccomp.ts';
import { readOperatingSystem } from '../system/host.ts';
import { type Finding, limited, missing, ok, unknown } from './finding.ts';
import type { Machine } from './machine.ts';

/** crun and runc use what came with it; Node 24 does, too. */
const oldestKernel = '4.18';

/** The kernel's release. */
export function kernel(machine: Machine): Finding {
  const release = machine.read('/proc/sys/kernel/osrelease').trim();
  const name = `Linux ${release}, ${readOperatingSystem().name}`;
  return isAtLeast(release, oldestKernel)
    ? ok(name)
    : missing(`${name}: too old`, `boot a kernel of version ${oldestKernel} or newer`);
}

const kinds = { pid: 'PID', mnt: 'mount', uts: 'UTS', ipc: 'IPC', net: 'network', cgroup: 'cgroup' };

/** Namespaces of every kind that containers have; root makes one of each. */
export async function namespaces(machine: Machine): Promise<Finding> {
  const lacking = Object.entries(kinds).flatMap(([file, name]) =>
    machine.exists(`/proc/self/ns/${file}`) ? [] : [name],
  );
  const all = Object.values(kinds).join(', ');
  if (lacking.length > 0) {
    return missing(`the kernel has no ${lacking.join(', ')} namespaces`, 'boot a kernel that has them');
  }
  if (!machine.root) return ok(all);
  const flags = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup'];
  const { ok: works, output } = await machine.attempt('unshare', [...flags, 'true']);
  return works
    ? ok(all)
    : missing(
        `they cannot be made: ${output}`,
        'inside a container or a restricted service, allow CAP_SYS_ADMIN and unshare(2)',
      );
}

/** System call filters. */
export function seccomp(machine: Machine): Finding {
  const has = /^Seccomp:/m.test(machine.read('/proc/self/status'));
  return has
    ? ok('filters of system calls')
    : limited(
        'the kernel has no seccomp: containers run without a filter of system calls',
        'boot a kernel with CONFIG_SECCOMP_FILTER',
      );
}

/** What root can be short of, as in a container, and what does not work without it. */
const capabilities: [name: string, needed: boolean, what: string][] = [
  ['CAP_SYS_ADMIN', true, 'mounts and namespaces'],
  ['CAP_NET_ADMIN', true, 'networks'],
  ['CAP_CHOWN', true, 'owners of files'],
  ['CAP_DAC_OVERRIDE', true, 'files of other users'],
  ['CAP_MKNOD', true, 'devices and layers that take files away'],
  ['CAP_SETUID', true, 'users of containers'],
  ['CAP_SETGID', true, 'groups of containers'],
  ['CAP_SETFCAP', true, 'programs with capabilities in images'],
  ['CAP_KILL', true, 'ending containers'],
  ['CAP_SYS_RESOURCE', false, 'limits above those of the engine, which are clipped'],
];

/** The rights of root. */
export function rights(machine: Machine): Finding {
  if (!machine.root) return unknown('the engine runs as root: try sudo davit system check');
  const effective = /^CapEff:\s*(\S+)$/m.exec(machine.read('/proc/self/status'))?.[1] ?? '0';
  const own = capabilityNames(effective);
  const lacking = capabilities.filter(([name]) => !own.includes(name));
  if (lacking.length === 0) return ok('root with all that is needed');
  const detail = `root without ${lacking.map(([name, , what]) => `${name} (${what})`).join(', ')}`;
  const remedy = 'start the engine outside of whatever took these capabilities away';
  return lacking.some(([, needed]) => needed) ? missing(detail, remedy) : limited(detail, remedy);
}
