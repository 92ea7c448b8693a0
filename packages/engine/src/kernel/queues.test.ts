import { closeSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectDatagrams } from './datagram.ts';
import { libc } from './libc.ts';
import { openWithQueue } from './queues.ts';
import { openSocket, unixAddress } from './socket.ts';

/** How many packets a socket takes that nobody reads. */
function roomOf(descriptor: number, path: string): number {
  const address = unixAddress(path);
  expect(libc().bind(descriptor, address, address.length)).toBe(0);
  const sender = connectDatagrams(path);
  let count = 0;
  while (sender.send(Buffer.from('x'))) count += 1;
  sender.close();
  closeSync(descriptor);
  return count;
}

it.skipIf(process.getuid?.() !== 0)(
  'packets queue up in a socket, and nothing else is another (needs root)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'davit-queues-'));
    const setting = () => readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8');
    const [home, usual] = [readlinkSync('/proc/self/ns/net'), setting()];
    try {
      const long = openWithQueue(() => openSocket('datagram'));
      expect(readlinkSync('/proc/self/ns/net')).toBe(home);
      expect(setting()).toBe(usual);
      // The memory of the sender has its end, too.
      expect(roomOf(long, join(folder, 'long'))).toBeGreaterThan(100);
      expect(roomOf(openSocket('datagram'), join(folder, 'usual'))).toBeLessThanOrEqual(Number(usual) + 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
