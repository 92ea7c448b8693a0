import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { PortRequest } from './portmap.ts';
import { createPortAllocator, type PortAllocator } from './ports.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A port that nothing listens on, for all that can be known. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function allocator(): PortAllocator {
  const ports = createPortAllocator();
  open.push({
    close() {
      for (const id of ['a', 'b', 'c']) ports.release(id);
    },
  });
  return ports;
}

const request = (first: number, more: Partial<PortRequest> = {}): PortRequest => ({
  containerPort: 80,
  protocol: 'tcp',
  hostIp: '127.0.0.1',
  first,
  last: first,
  ...more,
});

describe('the ports of the host', () => {
  it('are given to one container at a time', async () => {
    const ports = allocator();
    const port = await freePort();
    expect(await ports.take('a', [request(port)], '127.0.0.1')).toEqual([
      { containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: port },
    ]);
    await expect(ports.take('b', [request(port)], '127.0.0.1')).rejects.toThrow(
      `Bind for 127.0.0.1:${port} failed: port is already allocated`,
    );
    await expect(ports.take('b', [request(port, { hostIp: '0.0.0.0' })], '127.0.0.1')).rejects.toThrow(
      `Bind for 0.0.0.0:${port} failed: port is already allocated`,
    );
    ports.release('a');
    expect(await ports.take('b', [request(port)], '127.0.0.1')).toHaveLength(1);
  });

  it('are given all or none', async () => {
    const ports = allocator();
    const [first, second] = [await freePort(), await freePort()];
    await ports.take('a', [request(second)], '127.0.0.1');
    await expect(ports.take('b', [request(first), request(second)], '127.0.0.1')).rejects.toThrow(
      'allocated',
    );
    expect(await ports.take('c', [request(first)], '127.0.0.1')).toHaveLength(1);
  });

  it('are not given when a process has them', async () => {
    const foreign = createServer().listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    open.push(foreign);
    const { port } = foreign.address() as AddressInfo;
    const ports = allocator();
    await expect(ports.take('a', [request(port)], '172.30.0.2')).rejects.toThrow(
      `failed to bind host port for 127.0.0.1:${port}:172.30.0.2:80/tcp: address already in use`,
    );
    await expect(ports.take('a', [request(port, { hostIp: '192.0.2.77' })], '172.30.0.2')).rejects.toThrow(
      'cannot assign requested address',
    );
  });

  it('are chosen from a range, or from all, past those that are taken', async () => {
    const ports = allocator();
    const range = request(40_100, { last: 40_102 });
    const [first] = await ports.take('a', [range], '127.0.0.1');
    const [second] = await ports.take('b', [range], '127.0.0.1');
    expect(second?.hostPort).toBeGreaterThan(first?.hostPort ?? 0);
    await expect(
      ports.take('c', [request(second?.hostPort ?? 0, { first: first?.hostPort })], '127.0.0.1'),
    ).rejects.toThrow(/failed: all ports are allocated$/);
    const any = request(0, { last: 0 });
    const chosen = await Promise.all([ports.take('c', [any, any, any], '127.0.0.1')]);
    const numbers = chosen.flat().map(({ hostPort }) => hostPort);
    expect(new Set(numbers).size).toBe(3);
    expect(Math.min(...numbers)).toBeGreaterThan(1023);
  });

  it('are those of SCTP where the kernel speaks it, and refused elsewhere', async () => {
    const ports = allocator();
    const wanted = request(await freePort(), { protocol: 'sctp' });
    const first = await ports.take('a', [wanted], '127.0.0.1').catch(String);
    if (typeof first === 'string') {
      expect(first).toContain('protocol not supported (modprobe sctp loads it');
      return;
    }
    expect(first).toHaveLength(1);
    await expect(createPortAllocator().take('b', [wanted], '127.0.0.1')).rejects.toThrow(
      `127.0.0.1:${wanted.first}:127.0.0.1:80/sctp: address already in use`,
    );
  });

  it('lead to the container, both ways, with half-closed connections', async () => {
    const server = createServer({ allowHalfOpen: true }, async (socket) => {
      socket.end(`got ${await text(socket)}`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(server);
    const containerPort = (server.address() as AddressInfo).port;
    const [published] = await allocator().take(
      'a',
      [request(await freePort(), { containerPort })],
      '127.0.0.1',
    );
    const client = connect({ port: published?.hostPort ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    client.end('x'.repeat(1_000_000));
    expect(await text(client)).toBe(`got ${'x'.repeat(1_000_000)}`);
  });

  it('lead to the container with UDP, each sender by itself', async () => {
    const server = createSocket('udp4');
    server.on('message', (message, { port, address }) => server.send(`got ${message}`, port, address));
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(server);
    const wanted = request(0, { last: 0, protocol: 'udp', containerPort: server.address().port });
    const [published] = await allocator().take('a', [wanted], '127.0.0.1');
    const ask = async (question: string) => {
      const client = createSocket('udp4');
      open.push(client);
      const answer = once(client, 'message');
      client.send(question, published?.hostPort ?? 0, '127.0.0.1');
      return String((await answer)[0]);
    };
    expect(await Promise.all([ask('one'), ask('two')])).toEqual(['got one', 'got two']);
  });

  it('break the connection when the container does not take it', async () => {
    const containerPort = await freePort();
    const [published] = await allocator().take(
      'a',
      [request(await freePort(), { containerPort })],
      '127.0.0.1',
    );
    const client = connect(published?.hostPort ?? 0, '127.0.0.1');
    await expect(once(client, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
