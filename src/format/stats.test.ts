import type { ContainerStats } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { formatList } from './list.ts';
import { cpuShare, statsList, usedMemory } from './lists/stats.ts';

const stats = {
  name: '/web',
  id: 'a'.repeat(64),
  cpu_stats: { cpu_usage: { total_usage: 300 }, system_cpu_usage: 2000, online_cpus: 2 },
  precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000 },
  memory_stats: { usage: 6_279_168, stats: { total_inactive_file: 5_246_976 }, limit: 67_108_864 },
  networks: { eth0: { rx_bytes: 516, tx_bytes: 10 }, eth1: { rx_bytes: 2000, tx_bytes: 0 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'Read', value: 4096 },
      { op: 'write', value: 1_500_000 },
      { op: 'Sync', value: 9 },
    ],
  },
  pids_stats: { current: 2 },
} as unknown as ContainerStats;

const table =
  'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}';

describe('what containers use', () => {
  it('is shown as docker shows it', async () => {
    const rows = [
      { container: 'web', stats },
      { container: 'gone', stats: null },
    ];
    expect(await formatList(statsList(false), rows, table, { isTerminal: false })).toBe(
      'CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O        BLOCK I/O       PIDS\n' +
        'aaaaaaaaaaaa   web       40.00%    1008KiB / 64MiB     1.54%     2.52kB / 10B   4.1kB / 1.5MB   2\n' +
        '               --        --        -- / --             --        --             --              --\n',
    );
  });

  it('is nothing without a sample to compare with', () => {
    expect(cpuShare({ ...stats, precpu_stats: stats.cpu_stats })).toBe(0);
  });

  it('is the memory without the cache, with cgroups of both versions', () => {
    expect(usedMemory(stats)).toBe(1_032_192);
    const version2 = { ...stats, memory_stats: { usage: 100, stats: { inactive_file: 40 } } };
    expect(usedMemory(version2)).toBe(60);
    expect(usedMemory({ ...stats, memory_stats: { usage: 10, stats: { inactive_file: 40 } } })).toBe(10);
  });
});
