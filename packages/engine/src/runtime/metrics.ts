import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlockEntry, CpuStats, InterfaceStats, MemoryStats } from '@davit/api';
import { cgroupRoot, cgroupVersion } from './cgroup.ts';

/** What the processes of a cgroup use. */
export interface CgroupMetrics {
  cpu: Pick<CpuStats, 'cpu_usage' | 'throttling_data'>;
  memory: MemoryStats;
  pids: { current: number; limit?: number };
  bytes: BlockEntry[];
  operations: BlockEntry[];
}

/** Nanoseconds in one of the ticks that the kernel counts in for programs: USER_HZ is 100 everywhere. */
const tick = 10_000_000;

/** Reads what a cgroup uses; files that this kernel does not have count as zero. */
export function readMetrics(cgroup: string): Promise<CgroupMetrics> {
  return cgroupVersion() === 2 ? readVersion2(join(cgroupRoot, cgroup)) : readVersion1(cgroup);
}

async function readVersion1(cgroup: string): Promise<CgroupMetrics> {
  const file = (controller: string, name: string) => text(join(cgroupRoot, controller, cgroup, name));
  const [
    usage,
    perCpu,
    ticks,
    throttling,
    used,
    most,
    statistics,
    failures,
    limit,
    pids,
    pidsLimit,
    bytes,
    operations,
  ] = await Promise.all([
    file('cpuacct', 'cpuacct.usage'),
    file('cpuacct', 'cpuacct.usage_percpu'),
    file('cpuacct', 'cpuacct.stat'),
    file('cpu', 'cpu.stat'),
    file('memory', 'memory.usage_in_bytes'),
    file('memory', 'memory.max_usage_in_bytes'),
    file('memory', 'memory.stat'),
    file('memory', 'memory.failcnt'),
    file('memory', 'memory.limit_in_bytes'),
    file('pids', 'pids.current'),
    file('pids', 'pids.max'),
    file('blkio', 'blkio.throttle.io_service_bytes_recursive'),
    file('blkio', 'blkio.throttle.io_serviced_recursive'),
  ]);
  const { user = 0, system = 0 } = parseCounters(ticks);
  const { nr_periods = 0, nr_throttled = 0, throttled_time = 0 } = parseCounters(throttling);
  return {
    cpu: {
      cpu_usage: {
        total_usage: Number(usage),
        percpu_usage: perCpu.split(/\s+/).filter(Boolean).map(Number),
        usage_in_kernelmode: system * tick,
        usage_in_usermode: user * tick,
      },
      throttling_data: { periods: nr_periods, throttled_periods: nr_throttled, throttled_time },
    },
    memory: {
      usage: Number(used),
      max_usage: Number(most),
      stats: parseCounters(statistics),
      ...(Number(failures) > 0 && { failcnt: Number(failures) }),
      limit: Number(limit),
    },
    pids: pidsOf(pids, pidsLimit),
    bytes: parseBlocks(bytes),
    operations: parseBlocks(operations),
  };
}

async function readVersion2(folder: string): Promise<CgroupMetrics> {
  const file = (name: string) => text(join(folder, name));
  const [cpu, used, limit, statistics, io, pids, pidsLimit] = await Promise.all(
    ['cpu.stat', 'memory.current', 'memory.max', 'memory.stat', 'io.stat', 'pids.current', 'pids.max'].map(
      file,
    ),
  );
  const times = parseCounters(cpu ?? '');
  const nanoseconds = (name: string) => (times[name] ?? 0) * 1000;
  return {
    cpu: {
      cpu_usage: {
        total_usage: nanoseconds('usage_usec'),
        usage_in_kernelmode: nanoseconds('system_usec'),
        usage_in_usermode: nanoseconds('user_usec'),
      },
      throttling_data: {
        periods: times.nr_periods ?? 0,
        throttled_periods: times.nr_throttled ?? 0,
        throttled_time: nanoseconds('throttled_usec'),
      },
    },
    memory: {
      usage: Number(used),
      stats: parseCounters(statistics ?? ''),
      limit: limit?.trim() === 'max' ? Number.POSITIVE_INFINITY : Number(limit),
    },
    pids: pidsOf(pids ?? '', pidsLimit ?? ''),
    ...parseIoStat(io ?? ''),
  };
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

function pidsOf(current: string, limit: string): CgroupMetrics['pids'] {
  const isLimited = /^\d+$/.test(limit.trim());
  return { current: Number(current), ...(isLimited && { limit: Number(limit) }) };
}

/** Lines such as `nr_periods 34`. */
export function parseCounters(lines: string): Record<string, number> {
  return Object.fromEntries(
    Array.from(lines.matchAll(/^(\S+) (\d+)$/gm), ([, name, value]) => [name, Number(value)]),
  );
}

/** Lines such as `8:0 Read 4096` of version 1. */
export function parseBlocks(lines: string): BlockEntry[] {
  return Array.from(lines.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm), ([, major, minor, op = '', value]) => ({
    major: Number(major),
    minor: Number(minor),
    op: op.toLowerCase(),
    value: Number(value),
  }));
}

/** Lines such as `8:0 rbytes=4096 wbytes=0 rios=1 wios=0` of version 2. */
export function parseIoStat(lines: string): Pick<CgroupMetrics, 'bytes' | 'operations'> {
  const bytes: BlockEntry[] = [];
  const operations: BlockEntry[] = [];
  for (const [, major, minor, rest = ''] of lines.matchAll(/^(\d+):(\d+) (.*)$/gm)) {
    const values = new Map(rest.split(' ').map((pair) => pair.split('=') as [string, string]));
    const entry = (op: string, key: string) => ({
      ...{ major: Number(major), minor: Number(minor), op },
      value: Number(values.get(key) ?? 0),
    });
    bytes.push(entry('read', 'rbytes'), entry('write', 'wbytes'));
    operations.push(entry('read', 'rios'), entry('write', 'wios'));
  }
  return { bytes, operations };
}

/** CPU time that the machine has spent in all, in nanoseconds, and how many CPUs it has: proc(5), /proc/stat. */
export function parseMachine(stat: string): { time: number; cpus: number } {
  const [, fields = ''] = /^cpu +(.*)$/m.exec(stat) ?? [];
  // What guests used is counted as user time already.
  const ticks = fields
    .split(' ')
    .slice(0, 8)
    .reduce((sum, value) => sum + Number(value), 0);
  return { time: ticks * tick, cpus: stat.match(/^cpu\d+ /gm)?.length ?? 0 };
}

/** The devices of a network namespace but for its loopback: /proc/PID/net/dev. */
export function parseInterfaces(dev: string): Record<string, InterfaceStats> {
  const interfaces: Record<string, InterfaceStats> = {};
  for (const [, name = '', values = ''] of dev.matchAll(/^ *([^\s:]+): *(.*)$/gm)) {
    if (name === 'lo') continue;
    const [rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0, , , , , ...sent] = values
      .split(/ +/)
      .map(Number);
    const [tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0] = sent;
    interfaces[name] = {
      ...{ rx_bytes, rx_packets, rx_errors, rx_dropped },
      ...{ tx_bytes, tx_packets, tx_errors, tx_dropped },
    };
  }
  return interfaces;
}
