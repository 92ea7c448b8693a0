import type { ContainerConfig, HostConfig } from '@davit/api';
import { chooseCapabilities } from './capabilities.ts';
import { buildEnvironment } from './environment.ts';
import type { ExecInput, HostFacts, SpecInput } from './input.ts';
import { buildMounts, initDestination, rootPropagation } from './mounts.ts';
import type { NamespaceType, OciCapabilities, OciLinux, OciProcess, OciSpec } from './oci.ts';
import { buildResources, buildRlimits, hostWarnings, oomScore } from './resources.ts';
import { defaultSeccomp, parseSeccompProfile } from './seccomp.ts';
import { parseSecurityOptions } from './security.ts';
import { resolveUser } from './user.ts';

export interface BuiltSpec {
  spec: OciSpec;
  /** What was asked for and cannot be had on this machine, for the person who asked. */
  warnings: string[];
}

/** Makes a container's config.json as dockerd makes it. Throws what dockerd refuses. */
export function buildSpec(input: SpecInput): BuiltSpec {
  const { config, hostConfig, facts } = input;
  const capabilities = chooseCapabilities(capabilityWishes(hostConfig), facts.capabilities);
  const withInit = Boolean(hostConfig.Init && input.initPath && isPrivate(hostConfig.PidMode));
  const spec: OciSpec = {
    ociVersion: '1.0.2',
    process: buildProcess(input, capabilities, withInit),
    root: { path: input.root, readonly: hostConfig.ReadonlyRootfs },
    mounts: buildMounts(input, withInit),
    linux: buildLinux(input, capabilities),
  };
  if (hostConfig.UTSMode !== 'host') spec.hostname = config.Hostname;
  if (hostConfig.Annotations) spec.annotations = hostConfig.Annotations;
  return { spec, warnings: hostWarnings(hostConfig, facts) };
}

function capabilityWishes({ Privileged, CapAdd, CapDrop }: HostConfig) {
  return { privileged: Privileged, add: CapAdd ?? [], drop: CapDrop ?? [] };
}

function isPrivate(mode: string): boolean {
  return mode === '' || mode === 'private';
}

function grant(capabilities: string[]): OciCapabilities {
  return { bounding: capabilities, effective: capabilities, permitted: capabilities };
}

function buildProcess(input: SpecInput, capabilities: string[], withInit: boolean): OciProcess {
  const { config, hostConfig, facts } = input;
  const { home, ...user } = resolveUser(config.User, hostConfig.GroupAdd ?? [], input);
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const process: OciProcess = {
    terminal: config.Tty,
    user,
    args: withInit ? [initDestination, '--', ...command] : command,
    env: environmentOf(config, home),
    cwd: config.WorkingDir || '/',
    capabilities: grant(capabilities),
    noNewPrivileges: parseSecurityOptions(hostConfig.SecurityOpt ?? []).noNewPrivileges,
    oomScoreAdj: oomScore(hostConfig, facts),
  };
  return { ...process, ...optionalParts(hostConfig, facts, config.Tty ? hostConfig.ConsoleSize : null) };
}

function environmentOf(config: ContainerConfig, home: string): string[] {
  return buildEnvironment({
    hostname: config.Hostname,
    terminal: config.Tty,
    home,
    wanted: config.Env ?? [],
  });
}

/** What a process has only where it was asked for. */
function optionalParts(hostConfig: HostConfig, facts: HostFacts, size: number[] | null): Partial<OciProcess> {
  const parts: Partial<OciProcess> = {};
  const [height, width] = size ?? [];
  if (height && width) parts.consoleSize = { height, width };
  const rlimits = buildRlimits(hostConfig, facts);
  if (rlimits) parts.rlimits = rlimits;
  const { apparmor } = parseSecurityOptions(hostConfig.SecurityOpt ?? []);
  if (apparmor && facts.apparmor && !hostConfig.Privileged) parts.apparmorProfile = apparmor;
  return parts;
}

/** The process of an exec in a container. */
export function buildExecProcess(input: ExecInput): OciProcess {
  const { config, hostConfig, facts } = input;
  const { home, ...user } = resolveUser(input.user || config.User, hostConfig.GroupAdd ?? [], input);
  const wishes = capabilityWishes(hostConfig);
  const capabilities = chooseCapabilities(
    { ...wishes, privileged: wishes.privileged || input.privileged },
    facts.capabilities,
  );
  const env = [...(config.Env ?? []), ...input.env];
  return {
    terminal: input.tty,
    user,
    args: input.command,
    env: environmentOf({ ...config, Tty: input.tty, Env: env }, home),
    cwd: input.workingDir || config.WorkingDir || '/',
    capabilities: grant(capabilities),
    noNewPrivileges: parseSecurityOptions(hostConfig.SecurityOpt ?? []).noNewPrivileges,
    ...optionalParts(hostConfig, facts, input.tty ? input.consoleSize : null),
  };
}

const hiddenPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

/** Paths of a container's /proc that may be read only, unless it is told otherwise. */
export const defaultReadonlyPaths = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

function buildLinux(input: SpecInput, capabilities: string[]): OciLinux {
  const { hostConfig, facts } = input;
  const security = parseSecurityOptions(hostConfig.SecurityOpt ?? []);
  const linux: OciLinux = {
    namespaces: buildNamespaces(input),
    cgroupsPath: input.cgroupsPath,
    resources: buildResources(hostConfig, input.devices, facts),
    sysctl: buildSysctls(input),
  };
  if (input.devices.nodes.length > 0) linux.devices = input.devices.nodes;
  const propagation = rootPropagation(input.mounts);
  if (propagation) linux.rootfsPropagation = propagation;
  if (!hostConfig.Privileged && !security.systemPathsUnconfined) {
    linux.maskedPaths = hostConfig.MaskedPaths ?? defaultMaskedPaths(facts.cpus);
    linux.readonlyPaths = hostConfig.ReadonlyPaths ?? defaultReadonlyPaths;
  }
  const confined = facts.seccomp && security.seccomp !== 'unconfined';
  if (confined && security.seccomp) {
    linux.seccomp = parseSeccompProfile(security.seccomp, facts.architecture, capabilities, facts.kernel);
  } else if (confined && !hostConfig.Privileged) {
    linux.seccomp = defaultSeccomp(facts.architecture, capabilities);
  }
  return linux;
}

/** Paths of /proc and /sys that a container does not see, unless it is told otherwise. */
export function defaultMaskedPaths(cpus: number): string[] {
  // Temperatures of the host's processors tell what runs beside a container.
  const throttles = Array.from(
    { length: cpus },
    (_, cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`,
  );
  return [...hiddenPaths, ...throttles];
}

function buildNamespaces(input: SpecInput): OciLinux['namespaces'] {
  const { hostConfig, facts } = input;
  const namespaces: OciLinux['namespaces'] = [{ type: 'mount' }];
  const add = (type: NamespaceType, isHost: boolean, path = '') => {
    if (path) namespaces.push({ type, path });
    else if (!isHost) namespaces.push({ type });
  };
  add('network', hostConfig.NetworkMode === 'host', input.networkNamespace);
  add('uts', hostConfig.UTSMode === 'host');
  add('pid', hostConfig.PidMode === 'host', input.pidNamespace);
  add('ipc', hostConfig.IpcMode === 'host', input.ipcNamespace);
  const byDefault = facts.cgroupVersion === 2 ? 'private' : 'host';
  add('cgroup', (hostConfig.CgroupnsMode || byDefault) === 'host');
  return namespaces;
}

function buildSysctls({ config, hostConfig }: SpecInput): Record<string, string> {
  const sysctls: Record<string, string> = {};
  // The specification has no field for the NIS domain; this sets it as setdomainname would.
  if (config.Domainname && hostConfig.UTSMode !== 'host') sysctls['kernel.domainname'] = config.Domainname;
  const mode = hostConfig.NetworkMode;
  if (mode !== 'host' && !mode.startsWith('container:')) {
    sysctls['net.ipv4.ip_unprivileged_port_start'] = '0';
    sysctls['net.ipv4.ping_group_range'] = '0 2147483647';
  }
  return { ...sysctls, ...hostConfig.Sysctls };
}
