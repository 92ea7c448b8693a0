import { EngineError } from '../errors.ts';

/** All capabilities by their number. */
const all = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`);

/** What a container has unless it is told otherwise: docker's list. */
const byDefault = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/** Reads a hexadecimal set of capabilities as in /proc/<pid>/status. */
export function capabilityNames(hex: string): string[] {
  const bits = BigInt(`0x${hex}`);
  return all.filter((_, number) => (bits >> BigInt(number)) & 1n);
}

export interface CapabilityWishes {
  privileged: boolean;
  add: readonly string[];
  drop: readonly string[];
}

/**
 * The capabilities of a container, by docker's rules: `ALL` with either list means all but what the other list
 * names, and a privileged container has all. `available` are those that the engine can hand on.
 */
export function chooseCapabilities(wishes: CapabilityWishes, available: readonly string[]): string[] {
  const known = all.filter((name) => available.includes(name));
  if (wishes.privileged) return known;
  const add = normalizeCapabilities(wishes.add);
  const drop = normalizeCapabilities(wishes.drop);
  const chosen = () => {
    if (add.includes('ALL')) return known.filter((name) => !drop.includes(name));
    if (drop.includes('ALL')) return add;
    return [...byDefault.filter((name) => !drop.includes(name)), ...add];
  };
  return [...new Set(chosen())].filter((name) => available.includes(name));
}

/** Writes capabilities as CAP_NAME, whatever the case and prefix they were given with; refuses unknown ones. */
export function normalizeCapabilities(names: readonly string[]): string[] {
  return names.map((given) => {
    const upper = given.toUpperCase();
    if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL';
    const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (all.includes(name)) return name;
    throw new EngineError('badParameter', `unknown capability: ${JSON.stringify(name)}`);
  });
}
