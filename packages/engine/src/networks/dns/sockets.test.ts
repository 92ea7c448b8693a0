import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openBoundSocket } from '../../kernel/netns.ts';
import { openBoth, takeOver } from './sockets.ts';

describe.skipIf(process.platform !== 'linux')('the sockets of a name server', () => {
  const node = () => {
    const datagrams = createSocket('udp4').on('error', () => undefined);
    const streams = createServer().on('error', () => undefined);
    return { datagrams, streams };
  };

  const linkOf = (descriptor: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      // That of the list itself.
      return '';
    }
  };

  it('are listened on with the ports that they have', async () => {
    const { datagrams, streams } = node();
    const ports = await takeOver(datagrams, streams, openBoth('127.0.0.1'));
    expect([datagrams.address(), streams.address()]).toMatchObject([
      { address: '127.0.0.1', port: ports.udp },
      { address: '127.0.0.1', port: ports.tcp },
    ]);
    datagrams.close();
    streams.close();
    await once(streams, 'close');
  });

  it('are none when one of them cannot be opened', () => {
    const opened: string[] = [];
    const open: typeof openBoundSocket = (kind, address) => {
      if (kind === 'tcp') throw new Error('too many open files');
      const descriptor = openBoundSocket(kind, address);
      opened.push(readlinkSync(`/proc/self/fd/${descriptor}`));
      return descriptor;
    };
    expect(() => openBoth('127.0.0.1', open)).toThrow('too many open files');
    expect(opened).toEqual([expect.stringMatching(/^socket:/)]);
    const links = readdirSync('/proc/self/fd').map((name) => linkOf(name));
    expect(links.filter((link) => opened.includes(link))).toEqual([]);
  });

  it.each(['udp', 'tcp'] as const)('that cannot be listened on are told of: %s', async (bad) => {
    const { datagrams, streams } = node();
    const other = bad === 'udp' ? 'tcp' : 'udp';
    const file = openSync('/dev/null', 'r');
    const descriptors = { [bad]: file, [other]: openBoundSocket(other, '127.0.0.1') };
    try {
      const taking = takeOver(datagrams, streams, descriptors as { udp: number; tcp: number });
      await expect(taking).rejects.toThrow(/EINVAL|fd|ENOTSOCK/);
    } finally {
      datagrams.close();
      streams.close();
      closeSync(file);
    }
  });
});
