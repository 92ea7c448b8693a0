import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { BlockStats, ContainerStats, CpuStats } from '@davit/api';
import { formatTime, now } from '../clock.ts';
import { parseInterfaces, parseMachine } from '../runtime/metrics.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';
import { never } from './times.ts';

export interface StatsRequest {
  /** Go on, one a second, until the client leaves or the container is removed. */
  stream: boolean;
  /** Do not wait for a second sample to compare with. */
  oneShot: boolean;
}

const interval = 1000;

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

type Sample = Omit<ContainerStats, 'preread' | 'precpu_stats'>;

/** Tells what a container uses, as long as it is there. */
export async function* watchStats(
  context: Context,
  id: string,
  { stream, oneShot }: StatsRequest,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats> {
  let before: Sample | null = null;
  // The first one is compared with nothing: only who wants no more gets it.
  for (let isFirst = true; ; isFirst = false) {
    const record = context.store.get(id);
    if (!record || signal.aborted) return;
    const sample = await sampleOf(context, record);
    const stats: ContainerStats = {
      ...sample,
      preread: before?.read ?? never,
      precpu_stats: before?.cpu_stats ?? noCpu,
    };
    const isIdle = record.state.pid === 0;
    if (stream || oneShot || isIdle || !isFirst) yield stats;
    if (!stream && (oneShot || isIdle || !isFirst)) return;
    before = isIdle ? null : sample;
    await pause(interval, undefined, { signal }).catch(() => undefined);
  }
}

async function sampleOf({ runtime }: Context, record: ContainerRecord): Promise<Sample> {
  const { id, name, state, hostConfig } = record;
  const named = { name: `/${name}`, id, num_procs: 0, storage_stats: {} };
  if (state.pid === 0) {
    return {
      ...named,
      read: never,
      pids_stats: {},
      blkio_stats: blocks(null, null),
      cpu_stats: noCpu,
      memory_stats: {},
    };
  }
  const [metrics, machine, interfaces] = await Promise.all([
    runtime.metrics(id),
    readFile('/proc/stat', 'utf8').then(parseMachine),
    readFile(`/proc/${state.pid}/net/dev`, 'utf8').catch(() => ''),
  ]);
  const hasNetwork = hostConfig.NetworkMode !== 'host' && !hostConfig.NetworkMode.startsWith('container:');
  return {
    ...named,
    read: formatTime(now()),
    pids_stats: metrics.pids,
    blkio_stats: blocks(metrics.bytes, metrics.operations),
    cpu_stats: { ...metrics.cpu, system_cpu_usage: machine.time, online_cpus: machine.cpus },
    memory_stats: { ...metrics.memory, limit: Math.min(metrics.memory.limit ?? 0, totalmem()) },
    ...(hasNetwork && { networks: parseInterfaces(interfaces) }),
  };
}

function blocks(
  bytes: BlockStats['io_service_bytes_recursive'],
  operations: BlockStats['io_serviced_recursive'],
): BlockStats {
  const none = bytes === null ? null : [];
  return {
    io_service_bytes_recursive: bytes,
    io_serviced_recursive: operations,
    io_queue_recursive: none,
    io_service_time_recursive: none,
    io_wait_time_recursive: none,
    io_merged_recursive: none,
    io_time_recursive: none,
    sectors_recursive: none,
  };
}
