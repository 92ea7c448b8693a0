import type { Machine } from './machine.ts';

/** A package manager: how it installs, and what it calls packages that Debian calls otherwise. */
interface PackageManager {
  program: string;
  command: string;
  names: Record<string, string>;
}

const elsewhere = { 'xz-utils': 'xz', mount: 'util-linux', nftables: 'nftables' };

const managers: readonly PackageManager[] = [
  { program: 'apt-get', command: 'apt-get install', names: {} },
  {
    program: 'dnf',
    command: 'dnf install',
    names: { ...elsewhere, iproute2: 'iproute', procps: 'procps-ng' },
  },
  { program: 'zypper', command: 'zypper install', names: elsewhere },
  { program: 'pacman', command: 'pacman -S', names: { ...elsewhere, procps: 'procps-ng' } },
  { program: 'apk', command: 'apk add', names: { ...elsewhere, procps: 'procps-ng' } },
];

/** The command that installs packages on this machine, which are named as in Debian; empty for none. */
export function installCommand(packages: readonly string[], machine: Pick<Machine, 'root' | 'find'>): string {
  if (packages.length === 0) return '';
  const manager = managers.find(({ program }) => machine.find(program) !== undefined) ?? managers[0];
  const names = new Set(packages.map((name) => manager?.names[name] ?? name));
  return `${machine.root ? '' : 'sudo '}${manager?.command} ${[...names].join(' ')}`;
}
