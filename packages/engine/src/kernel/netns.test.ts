import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { homeNetworkPath, insideNetwork } from './netns.ts';

it.skipIf(process.getuid?.() !== 0)(
  'tells others where home is also while it is away (needs root)',
  async () => {
    const other = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60']);
    await once(other.stdout, 'data');
    try {
      const home = readlinkSync('/proc/self/ns/net');
      const [away, told] = insideNetwork(`/proc/${other.pid}/ns/net`, () => [
        readlinkSync(`/proc/${process.pid}/task/${process.pid}/ns/net`),
        readlinkSync(homeNetworkPath()),
      ]);
      expect(away).not.toBe(home);
      expect(told).toBe(home);
      expect(readlinkSync('/proc/self/ns/net')).toBe(home);
    } finally {
      other.kill('SIGKILL');
    }
  },
);
