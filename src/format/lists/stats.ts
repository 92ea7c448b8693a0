import type { ContainerStats } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { shortId } from '../text.ts';
import { binarySize, humanSize } from '../units.ts';

/** A container whose use is shown; without numbers until they come, or when it is gone. */
export interface StatsRow {
  /** As it was asked for. */
  container: string;
  stats: ContainerStats | null;
}

/** What a table of what containers use can show. `whole`: IDs are shown whole. */
export function statsList(whole: boolean): ListDefinition<StatsRow> {
  const known =
    (of: (stats: ContainerStats) => string, unknown = '--') =>
    ({ stats }: StatsRow) =>
      stats ? of(stats) : unknown;
  return {
    goName: 'container.statsContext',
    columns: {
      Container: { heading: 'CONTAINER', of: ({ container }) => container },
      Name: { heading: 'NAME', of: known(({ name }) => name.replace(/^\//, '') || '--') },
      ID: { heading: 'CONTAINER ID', of: known(({ id }) => (whole ? id : shortId(id)), '') },
      CPUPerc: { heading: 'CPU %', of: known((stats) => percent(cpuShare(stats))) },
      MemUsage: {
        heading: 'MEM USAGE / LIMIT',
        of: known(
          (stats) => `${binarySize(usedMemory(stats))} / ${binarySize(stats.memory_stats.limit ?? 0)}`,
          '-- / --',
        ),
      },
      MemPerc: { heading: 'MEM %', of: known((stats) => percent(memoryShare(stats))) },
      NetIO: { heading: 'NET I/O', of: known((stats) => pair(networkBytes(stats))) },
      BlockIO: { heading: 'BLOCK I/O', of: known((stats) => pair(blockBytes(stats))) },
      PIDs: { heading: 'PIDS', of: known(({ pids_stats }) => String(pids_stats.current ?? 0)) },
    },
  };
}

const percent = (value: number) => `${value.toFixed(2)}%`;
const pair = ([one, other]: [number, number]) => `${humanSize(one, 3)} / ${humanSize(other, 3)}`;

/** CPU time between two samples in percent of one CPU, as docker reckons it. */
export function cpuShare({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || now.cpu_usage.percpu_usage?.length || 0;
  return own > 0 && all > 0 ? (own / all) * cpus * 100 : 0;
}

/** Memory without the page cache that the kernel gives up first. */
export function usedMemory({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number {
  const cache = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
}

function memoryShare(stats: ContainerStats): number {
  const { limit = 0 } = stats.memory_stats;
  return limit > 0 ? (usedMemory(stats) / limit) * 100 : 0;
}

function networkBytes({ networks = {} }: ContainerStats): [number, number] {
  const all = Object.values(networks);
  return [all.reduce((sum, one) => sum + one.rx_bytes, 0), all.reduce((sum, one) => sum + one.tx_bytes, 0)];
}

function blockBytes({ blkio_stats }: ContainerStats): [number, number] {
  const entries = blkio_stats.io_service_bytes_recursive ?? [];
  const sum = (operation: string) =>
    entries.filter(({ op }) => op.toLowerCase() === operation).reduce((total, { value }) => total + value, 0);
  return [sum('read'), sum('write')];
}
