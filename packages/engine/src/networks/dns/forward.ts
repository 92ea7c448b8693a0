import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import packet from 'dns-packet';
import { createCache } from './cache.ts';

export type Transport = 'udp' | 'tcp';

/** Asks name servers of the world. */
export interface Forwarder {
  /** The answer of the first server that gives one, as it came; null when none does. */
  ask(query: Buffer, transport: Transport, servers: readonly string[]): Promise<Buffer | null>;
}

/** Milliseconds after which the next server is asked as well. */
const patience = 1500;
/** Milliseconds after which no answer is expected any more. */
const longest = 4000;
/** Questions that are under way at once: who asks more is not answered. */
const most = 512;

export function createForwarder(): Forwarder {
  const cache = createCache();
  let asking = 0;

  async function askAll(
    query: Buffer,
    transport: Transport,
    servers: readonly string[],
  ): Promise<Buffer | null> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(longest)]);
    const attempts = servers.slice(0, 3).map(async (server, index) => {
      await pause(index * patience, signal);
      return transport === 'udp' ? askByDatagram(query, server, signal) : askByStream(query, server, signal);
    });
    try {
      return await Promise.any(attempts);
    } catch {
      return null;
    } finally {
      done.abort();
    }
  }

  return {
    async ask(query, transport, servers) {
      const key = `${transport} ${servers.join(' ')} ${query.subarray(2).toString('latin1')}`;
      const kept = cache.get(key);
      if (kept) return withId(kept, query);
      if (asking >= most || servers.length === 0) return null;
      asking++;
      try {
        // An ID of our own: what others see of the asker's must not help them to answer in the server's name.
        const own = Buffer.from(query);
        own.writeUInt16BE(Math.floor(Math.random() * 0x10000));
        const answer = await askAll(own, transport, servers);
        if (answer) cache.put(key, answer);
        return answer && withId(answer, query);
      } finally {
        asking--;
      }
    },
  };
}

function withId(answer: Buffer, query: Buffer): Buffer {
  const copy = Buffer.from(answer);
  query.copy(copy, 0, 0, 2);
  return copy;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('not needed any more'));
    });
  });
}

function askByDatagram(query: Buffer, server: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // A socket for each question has a port that nobody can guess.
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    let open = true;
    const close = () => {
      if (open) socket.close();
      open = false;
    };
    const fail = (error: Error) => {
      reject(error);
      close();
    };
    signal.addEventListener('abort', () => fail(new Error('no answer')));
    // A port that refuses answers with an error as well.
    socket.on('error', fail);
    socket.on('message', (answer) => {
      if (!answersTo(answer, query)) return;
      resolve(answer);
      close();
    });
    socket.once('connect', () => socket.send(query, (error) => error && fail(error)));
    socket.connect(53, server);
  });
}

function askByStream(query: Buffer, server: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53, signal });
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('no answer')));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) return;
      const answer = bytes.subarray(2, 2 + bytes.readUInt16BE());
      if (answersTo(answer, query)) resolve(answer);
      socket.destroy();
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}

/** Whether it is the answer to this question and not to another. */
function answersTo(answer: Buffer, query: Buffer): boolean {
  if (answer.length < 12 || answer.readUInt16BE() !== query.readUInt16BE() || !((answer[2] ?? 0) & 0x80))
    return false;
  try {
    const [asked, answered] = [query, answer].map((one) => packet.decode(one).questions?.[0]);
    return (
      !answered || (answered.name.toLowerCase() === asked?.name.toLowerCase() && answered.type === asked.type)
    );
  } catch {
    return false;
  }
}
