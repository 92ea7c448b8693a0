import { isIP } from 'node:net';
import type { ContainerConfig, HostConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { checkLogConfig } from '../logs/limits.ts';
import type { HostFacts } from '../runtime/input.ts';
import { parseSignal } from './signals.ts';

const leastMemory = 6 * 1024 * 1024;

function refuseIf(condition: boolean, message: string): void {
  if (condition) throw new EngineError('badParameter', message);
}

/** Checks what a container runs. Throws in dockerd's words. */
export function checkConfig(config: ContainerConfig, hostConfig: HostConfig): void {
  if (config.StopSignal) parseSignal(config.StopSignal);
  for (const variable of config.Env ?? []) {
    refuseIf(variable === '' || variable.startsWith('='), `invalid environment variable: ${variable}`);
    refuseIf(variable.includes('\0'), `invalid environment variable: ${JSON.stringify(variable)}`);
  }
  for (const name of [config.Hostname, config.Domainname]) {
    // The kernel takes 64 bytes; the name goes into files where blanks and line ends have a meaning.
    const isUsable = /^[^\s\p{Cc}]*$/u.test(name) && Buffer.byteLength(name) <= 64;
    refuseIf(!isUsable, `invalid hostname format: ${name}`);
  }
  refuseIf(
    hostConfig.UTSMode === 'host' && config.Hostname !== '',
    'conflicting options: hostname and the UTS mode',
  );
  checkHealth(config.Healthcheck);
}

function checkHealth(health: ContainerConfig['Healthcheck']): void {
  if (!health) return;
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    refuseIf(
      health[field] !== 0 && health[field] < 1_000_000,
      `${field} in Healthcheck cannot be less than 1ms`,
    );
  }
  refuseIf(health.Retries < 0, 'Retries in Healthcheck cannot be negative');
}

/** Checks what a container wants of the machine. Throws in dockerd's words. */
export function checkHostConfig(hostConfig: HostConfig, facts: HostFacts, runtimes: string[]): void {
  checkMemory(hostConfig);
  checkProcessor(hostConfig, facts);
  checkModes(hostConfig);
  checkRestart(hostConfig);
  checkLogConfig(hostConfig.LogConfig);
  checkExtras(hostConfig);
  refuseIf(
    hostConfig.Runtime !== '' && !runtimes.includes(hostConfig.Runtime),
    `unknown or invalid runtime name: ${hostConfig.Runtime}`,
  );
}

function checkMemory(h: HostConfig): void {
  refuseIf(h.Memory !== 0 && h.Memory < leastMemory, 'Minimum memory limit allowed is 6MB');
  refuseIf(
    h.Memory > 0 && h.MemorySwap > 0 && h.MemorySwap < h.Memory,
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  );
  refuseIf(
    h.Memory === 0 && h.MemorySwap > 0,
    'You should always set the Memory limit when using Memoryswap limit, see usage',
  );
  const swappiness = h.MemorySwappiness ?? -1;
  refuseIf(
    swappiness < -1 || swappiness > 100,
    `Invalid value: ${swappiness}, valid memory swappiness range is 0-100`,
  );
  refuseIf(
    h.MemoryReservation > 0 && h.MemoryReservation < leastMemory,
    'Minimum memory reservation allowed is 6MB',
  );
  refuseIf(
    h.Memory > 0 && h.Memory < h.MemoryReservation,
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  );
  refuseIf(h.ShmSize < 0, 'SHM size can not be less than 0');
  refuseIf(
    Math.abs(h.OomScoreAdj) > 1000,
    `Invalid value ${h.OomScoreAdj}, range for oom score adj is [-1000, 1000]`,
  );
}

function checkProcessor(h: HostConfig, { cpus, realtime, memoryNodes }: HostFacts): void {
  refuseIf(
    h.NanoCpus > 0 && h.CpuPeriod > 0,
    'Conflicting options: Nano CPUs and CPU Period cannot both be set',
  );
  refuseIf(
    h.NanoCpus > 0 && h.CpuQuota > 0,
    'Conflicting options: Nano CPUs and CPU Quota cannot both be set',
  );
  refuseIf(
    h.NanoCpus < 0 || h.NanoCpus > cpus * 1e9,
    `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
  );
  refuseIf(
    h.CpuPeriod !== 0 && (h.CpuPeriod < 1000 || h.CpuPeriod > 1_000_000),
    'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  );
  refuseIf(h.CpuQuota > 0 && h.CpuQuota < 1000, 'CPU cfs quota can not be less than 1ms (i.e. 1000)');
  refuseIf(
    h.BlkioWeight > 0 && (h.BlkioWeight < 10 || h.BlkioWeight > 1000),
    'Range of blkio weight is from 10 to 1000',
  );
  refuseIf(
    (h.CpuRealtimePeriod !== 0 || h.CpuRealtimeRuntime !== 0) && !realtime,
    'kernel does not support CPU real-time scheduler',
  );
  refuseIf(
    h.CpuRealtimePeriod !== 0 && h.CpuRealtimeRuntime > h.CpuRealtimePeriod,
    'cpu real-time runtime cannot be higher than cpu real-time period',
  );
  checkSet(h.CpusetCpus, `0${cpus > 1 ? `-${cpus - 1}` : ''}`, { what: 'CPUs', name: 'cpus' });
  checkSet(h.CpusetMems, memoryNodes, { what: 'memory nodes', name: 'mems' });
}

function checkSet(set: string, available: string, { what, name }: { what: string; name: string }): void {
  if (set === '') return;
  const last = lastOfSet(set);
  refuseIf(last === null, `Invalid value ${set} for cpuset ${name}`);
  refuseIf(
    (last ?? 0) > (lastOfSet(available) ?? 0),
    `Requested ${what} are not available - requested ${set}, available: ${available}`,
  );
}

/** The highest number in a set such as `0-2,7`; null when it is no set. */
function lastOfSet(text: string): number | null {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(text)) return null;
  return Math.max(...text.split(/[,-]/).map(Number));
}

const namedContainer = /^container:.+$/;

function checkModes(h: HostConfig): void {
  const check = (value: string, allowed: string[], shared: boolean, what: string) =>
    refuseIf(
      value !== '' && !allowed.includes(value) && !(shared && namedContainer.test(value)),
      `invalid ${what}: ${value}`,
    );
  check(h.IpcMode, ['none', 'private', 'shareable', 'host'], true, 'IPC mode');
  check(h.PidMode, ['host', 'private'], true, 'PID mode');
  check(h.UTSMode, ['host'], false, 'UTS mode');
  check(h.UsernsMode, ['host'], false, 'userns mode');
  check(h.CgroupnsMode, ['host', 'private'], false, 'cgroup namespace mode');
  refuseIf(
    !['', 'default'].includes(h.Isolation),
    `Invalid isolation: ${JSON.stringify(h.Isolation)} - linux only supports 'default'`,
  );
}

function checkRestart({ AutoRemove, RestartPolicy: { Name, MaximumRetryCount } }: HostConfig): void {
  const policies = ['no', 'always', 'on-failure', 'unless-stopped'];
  refuseIf(
    AutoRemove && Name !== '' && Name !== 'no',
    "can't create 'AutoRemove' container with restart policy",
  );
  refuseIf(
    Name !== '' && !policies.includes(Name),
    `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
  );
  const negative = MaximumRetryCount < 0;
  refuseIf(
    Name !== '' && Name !== 'on-failure' && MaximumRetryCount !== 0,
    `invalid restart policy: maximum retry count can only be used with 'on-failure'${negative ? ' and cannot be negative' : ''}`,
  );
  refuseIf(
    Name === 'on-failure' && negative,
    'invalid restart policy: maximum retry count cannot be negative',
  );
}

function checkExtras(h: HostConfig): void {
  for (const entry of h.ExtraHosts ?? []) parseExtraHost(entry);
  refuseIf(
    '' in (h.Annotations ?? {}),
    'invalid Annotations: the empty string is not permitted as an annotation key',
  );
  for (const option of Object.keys(h.StorageOpt ?? {})) {
    refuseIf(
      option.toLowerCase() === 'size',
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option, which the engine does not use",
    );
    refuseIf(true, `unknown option ${option}`);
  }
  const [request] = h.DeviceRequests ?? [];
  refuseIf(
    request !== undefined,
    `could not select device driver ${JSON.stringify(request?.Driver)} with capabilities: [${(request?.Capabilities ?? []).map((set) => `[${set?.join(' ')}]`).join(' ')}]`,
  );
}

/** Reads an entry for /etc/hosts as in `--add-host name:address`. */
export function parseExtraHost(entry: string): { name: string; address: string } {
  const colon = entry.search(/[:=]/);
  const name = entry.slice(0, Math.max(colon, 0));
  const address = entry.slice(colon + 1).replace(/^\[(.*)\]$/, '$1');
  refuseIf(colon <= 0 || /[\s#]/.test(name), `bad format for add-host: ${JSON.stringify(entry)}`);
  refuseIf(
    address !== 'host-gateway' && isIP(address) === 0,
    `invalid IP address in add-host: ${JSON.stringify(address)}`,
  );
  return { name, address };
}
