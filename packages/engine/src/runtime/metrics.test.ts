import { describe, expect, it } from 'vitest';
import { parseBlocks, parseCounters, parseInterfaces, parseIoStat, parseMachine } from './metrics.ts';

describe('what the kernel counts', () => {
  it('is read from its files of counters', () => {
    expect(parseCounters('nr_periods 34\nnr_throttled 0\nthrottled_time 12\n')).toEqual({
      nr_periods: 34,
      nr_throttled: 0,
      throttled_time: 12,
    });
    expect(parseCounters('')).toEqual({});
  });

  it('is read for block devices, with cgroups of both versions', () => {
    expect(parseBlocks('254:0 Read 4096\n254:0 Write 0\nTotal 4096\n')).toEqual([
      { major: 254, minor: 0, op: 'read', value: 4096 },
      { major: 254, minor: 0, op: 'write', value: 0 },
    ]);
    expect(parseIoStat('254:0 rbytes=8192 wbytes=1 rios=2 wios=1 dbytes=0 dios=0\n7:0 \n')).toEqual({
      bytes: [
        { major: 254, minor: 0, op: 'read', value: 8192 },
        { major: 254, minor: 0, op: 'write', value: 1 },
        { major: 7, minor: 0, op: 'read', value: 0 },
        { major: 7, minor: 0, op: 'write', value: 0 },
      ],
      operations: [
        { major: 254, minor: 0, op: 'read', value: 2 },
        { major: 254, minor: 0, op: 'write', value: 1 },
        { major: 7, minor: 0, op: 'read', value: 0 },
        { major: 7, minor: 0, op: 'write', value: 0 },
      ],
    });
  });

  it('is read for the machine, guests not twice', () => {
    const stat =
      'cpu  10 1 20 300 4 0 5 6 7 8\ncpu0 5 0 10 150 2 0 2 3 0 0\ncpu1 5 1 10 150 2 0 3 3 7 8\nintr 1\n';
    expect(parseMachine(stat)).toEqual({ time: 346 * 10_000_000, cpus: 2 });
  });

  it('is read for network devices but the loopback', () => {
    const dev =
      'Inter-|   Receive |  Transmit\n face |bytes packets\n' +
      '    lo: 5 5 0 0 0 0 0 0 5 5 0 0 0 0 0 0\n  eth0:     516       6    1    2    0     0          0         0     70       3    4    5    0     0       0          0\n';
    expect(parseInterfaces(dev)).toEqual({
      eth0: {
        rx_bytes: 516,
        rx_packets: 6,
        rx_errors: 1,
        rx_dropped: 2,
        tx_bytes: 70,
        tx_packets: 3,
        tx_errors: 4,
        tx_dropped: 5,
      },
    });
  });
});
