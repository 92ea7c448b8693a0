import type { Values } from '../settings/options.ts';
import * as cgroup from './cgroups.ts';
import type { Finding } from './finding.ts';
import { installCommand } from './install.ts';
import * as kernel from './kernel.ts';
import { type Machine, thisMachine } from './machine.ts';
import * as network from './network.ts';
import * as program from './programs.ts';
import { readSettings, socket } from './service.ts';
import * as storage from './storage.ts';

export type { Finding, State } from './finding.ts';

/** One row of the examination. */
export interface Examined extends Finding {
  /** What it belongs to: `kernel`, `cgroups`, `programs`, `storage`, `network` or `engine`. */
  area: string;
  name: string;
}

export interface Examination {
  rows: Examined[];
  /** The command that installs all packages that are missing; empty when none is. */
  install: string;
}

export interface ExamineOptions {
  /** What the engine would be told by flags: other roots. */
  given: Values;
  /** Where it would listen. */
  socket: string;
  environment: Readonly<Record<string, string | undefined>>;
  machine?: Machine;
}

/**
 * Examines this machine for what the engine stands on, from the kernel to the socket. What root tries out it tries in
 * namespaces that are gone afterwards. Linux only.
 */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { machine = thisMachine() } = options;
  const { config, finding } = readSettings(options.given, options.environment);
  const checks: [area: string, name: string, look: () => Finding | Promise<Finding>][] = [
    ['kernel', 'release', () => kernel.kernel(machine)],
    ['kernel', 'rights', () => kernel.rights(machine)],
    ['kernel', 'namespaces', () => kernel.namespaces(machine)],
    ['kernel', 'seccomp', () => kernel.seccomp(machine)],
    ['cgroups', 'hierarchy', () => cgroup.cgroups(machine)],
    ['cgroups', 'controllers', () => cgroup.controllers(machine)],
    ['programs', 'runtime', () => program.runtime(machine, config)],
    ...program.programs.map((need): (typeof checks)[number] => [
      ...(['programs', need.name] as const),
      () => program.program(need, machine),
    ]),
    ['programs', 'init', () => program.init(machine, config.initPath)],
    ['storage', 'overlayfs', () => storage.overlay(machine, config.dataRoot)],
    ['storage', 'data root', () => storage.room(machine, config.dataRoot)],
    ['storage', 'exec root', () => storage.runFolder(machine, config.execRoot)],
    ['network', 'veth', () => network.veth(machine)],
    ['network', 'bridge', () => network.bridge(machine)],
    ['network', 'nftables', () => network.firewall(machine)],
    ['network', 'firewall', () => network.foreignFirewall(machine)],
    ['network', 'forwarding', () => network.forwarding(machine)],
    ['network', 'IPv6', () => network.ipv6(machine)],
    ['network', 'addresses', () => network.addresses(config)],
    ['network', 'name servers', () => network.resolver(machine, config.dns)],
    ['engine', 'settings', () => finding],
    ['engine', 'socket', () => socket(machine, options.socket, config.group)],
  ];
  const rows = await Promise.all(
    checks.map(async ([area, name, look]) => ({ area, name, ...(await look()) })),
  );
  return {
    rows,
    install: installCommand(
      rows.flatMap(({ packages }) => packages),
      machine,
    ),
  };
}
