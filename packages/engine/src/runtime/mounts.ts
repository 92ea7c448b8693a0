import { EngineError } from '../errors.ts';
import type { SpecInput, SpecMount } from './input.ts';
import type { OciMount } from './oci.ts';
import { isAtLeast } from './seccomp.ts';

const defaultSharedMemory = 64 * 1024 * 1024;

/** Where the program that is PID 1 is put when an init is asked for; docker's place. */
export const initDestination = '/sbin/docker-init';

function standardMounts({ hostConfig }: SpecInput): OciMount[] {
  const mount = (destination: string, type: string, source: string, ...options: string[]): OciMount => ({
    destination,
    type,
    source,
    options,
  });
  const mounts = [
    mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
    mount(
      '/dev/pts',
      'devpts',
      'devpts',
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ),
    mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', 'ro', 'nosuid', 'noexec', 'nodev'),
    mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
  ];
  if (!hostConfig.Privileged) return mounts;
  return mounts.map((item) => {
    const writable = item.type === 'cgroup' || (item.destination === '/sys' && !hostConfig.ReadonlyRootfs);
    return writable ? { ...item, options: item.options.filter((option) => option !== 'ro') } : item;
  });
}

/** /dev/shm as IpcMode has it: the container's own, the host's, another container's, or none. */
function sharedMemoryMount({ hostConfig, sharedMemory }: SpecInput): OciMount[] {
  const bind = (source: string): OciMount[] => [
    { destination: '/dev/shm', type: 'bind', source, options: ['rbind', 'rprivate'] },
  ];
  if (hostConfig.IpcMode === 'none') return [];
  if (hostConfig.IpcMode === 'host') return bind('/dev/shm');
  if (sharedMemory) return bind(sharedMemory);
  const size = hostConfig.ShmSize || defaultSharedMemory;
  const options = ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`];
  return [{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options }];
}

function engineFiles({ hostnameFile, hostsFile, resolvFile }: SpecInput): OciMount[] {
  const files: [string, string][] = [
    ['/etc/resolv.conf', resolvFile],
    ['/etc/hostname', hostnameFile],
    ['/etc/hosts', hostsFile],
  ];
  return files
    .filter(([, source]) => source)
    .map(([destination, source]) => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate'] }));
}

function userMount(mount: SpecMount, kernel: string): OciMount {
  if (mount.type === 'tmpfs') {
    const options = mergeTmpfsOptions(mount.options ?? '');
    return { destination: mount.destination, type: 'tmpfs', source: 'tmpfs', options };
  }
  const options = [mount.nonRecursive ? 'bind' : 'rbind'];
  if (mount.readOnly) {
    options.push('ro');
    // Without this, what is mounted below the folder stays writable; crun refuses it for a file.
    const isWhole = !mount.nonRecursive && !mount.isFile && mount.recursion !== 'writable';
    if (isWhole && isAtLeast(kernel, '5.12')) options.push('rro');
    else if (mount.recursion === 'readonly') {
      throw new EngineError('badParameter', `recursive read-only mounts need Linux 5.12, this is ${kernel}`);
    }
  }
  options.push(mount.propagation || 'rprivate');
  return { destination: mount.destination, type: 'bind', source: mount.source, options };
}

/** Flags that a tmpfs may be mounted with, and what each of them undoes. */
const flags: Record<string, string[]> = {
  ro: ['rw'],
  rw: ['ro'],
  exec: ['noexec'],
  noexec: ['exec'],
  suid: ['nosuid'],
  nosuid: ['suid'],
  dev: ['nodev'],
  nodev: ['dev'],
  sync: ['async'],
  async: ['sync'],
  dirsync: [],
  atime: ['noatime'],
  noatime: ['atime'],
  diratime: ['nodiratime'],
  nodiratime: ['diratime'],
  relatime: ['norelatime', 'strictatime'],
  norelatime: ['relatime'],
  strictatime: ['nostrictatime', 'relatime'],
  nostrictatime: ['strictatime'],
  private: [],
  rprivate: [],
  shared: [],
  rshared: [],
  slave: [],
  rslave: [],
  unbindable: [],
  runbindable: [],
};

const tmpfsData = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol']);

/** The options of a tmpfs: docker's, then those of the user, of which the later ones count. */
export function mergeTmpfsOptions(wanted: string): string[] {
  let merged = ['noexec', 'nosuid', 'nodev', 'rprivate'];
  for (const option of wanted.split(',').filter(Boolean)) {
    const undone = flags[option];
    const name = option.split('=', 1)[0] ?? '';
    if (!undone && !(option.includes('=') && tmpfsData.has(name))) {
      throw new EngineError('badParameter', `invalid tmpfs option ${JSON.stringify(option)}`);
    }
    merged = merged.filter((other) => other !== option && !undone?.includes(other));
    if (!undone) merged = merged.filter((other) => !other.startsWith(`${name}=`));
    merged.push(option);
  }
  return merged;
}

const writableInReadOnlyRoot = new Set(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);

/** All mounts of a container, those nearer to the root first. A mount of the user's takes the place of another. */
export function buildMounts(input: SpecInput, withInit: boolean): OciMount[] {
  const own = input.mounts.map((mount) => userMount(mount, input.facts.kernel));
  const taken = new Set(own.map(({ destination }) => destination));
  const others = [...standardMounts(input), ...sharedMemoryMount(input), ...engineFiles(input)]
    .filter(({ destination }) => !taken.has(destination))
    .filter(({ destination }) => !(taken.has('/dev') && destination.startsWith('/dev/')))
    .map((mount) => {
      if (!input.hostConfig.ReadonlyRootfs || writableInReadOnlyRoot.has(mount.destination)) return mount;
      return mount.options.includes('ro') ? mount : { ...mount, options: [...mount.options, 'ro'] };
    });
  const init: OciMount[] = withInit
    ? [{ destination: initDestination, type: 'bind', source: input.initPath, options: ['bind', 'ro'] }]
    : [];
  const depth = ({ destination }: OciMount) => destination.split('/').filter(Boolean).length;
  return [...others, ...own, ...init].sort((first, second) => depth(first) - depth(second));
}

/** How the container's root must be mounted so that the propagation of its mounts can work. */
export function rootPropagation(mounts: readonly SpecMount[]): string | undefined {
  if (mounts.some(({ propagation }) => propagation?.endsWith('shared'))) return 'shared';
  return mounts.some(({ propagation }) => propagation?.endsWith('slave')) ? 'rslave' : undefined;
}
