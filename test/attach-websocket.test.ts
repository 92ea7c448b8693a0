import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, clientFor } from './support/client.ts';
import type { Engine } from './support/engine.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const ours = await useEngine({ engine: 'davitd', client: 'davit' });
const { engine: dockerd } = await useEngine({ engine: 'dockerd', client: 'docker' });

const output = 'stream=1&stdout=1&stderr=1';
const all = `${output}&stdin=1`;

/** A client on a WebSocket of a container, and what it was sent. */
interface Attached {
  socket: WebSocket;
  text(): string;
  /** The kinds of the messages that came: `binary`, `text`. */
  kinds: Set<string>;
  opened: Promise<unknown>;
  /** The code with which the engine closed. */
  closed: Promise<number>;
}

function attach(engine: Engine, container: string, query: string, version = '1.41'): Attached {
  const socket = new WebSocket(
    `ws+unix://${engine.socket}:/v${version}/containers/${container}/attach/ws?${query}`,
  );
  let got = '';
  const kinds = new Set<string>();
  socket.on('message', (data, isBinary) => {
    got += String(data);
    kinds.add(isBinary ? 'binary' : 'text');
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  closed.catch(() => undefined);
  return { socket, text: () => got, kinds, opened: once(socket, 'open'), closed };
}

/** Waits until a client was sent a text. */
const prints = (client: Attached, words: string) => waitFor(() => client.text().includes(words), words);

/** How an engine refuses a WebSocket. */
async function refused(engine: Engine, container: string, query: string): Promise<unknown[]> {
  const socket = new WebSocket(
    `ws+unix://${engine.socket}:/v1.41/containers/${container}/attach/ws?${query}`,
  );
  const [, answer] = await once(socket, 'unexpected-response');
  return [answer.statusCode, JSON.parse(await text(answer)).message];
}

/** The same conversations with both engines; what comes out is compared. */
const conversations: Record<string, (engine: Engine, client: Client) => Promise<unknown>> = {
  'live output, input, and what comes after its end': async (engine, client) => {
    const id = await client.ok('create', '-i', 'busybox', 'sh', '-c', 'echo hi; cat; echo bye >&2');
    const attached = attach(engine, id, all);
    await attached.opened;
    await client.ok('start', id);
    await prints(attached, 'hi\n');
    attached.socket.send('typed\n');
    await prints(attached, 'typed\n');
    attached.socket.close();
    const code = await attached.closed;
    return [attached.text(), [...attached.kinds], code, await client.ok('wait', id)];
  },
  'replay, in messages of the kind that the version has': async (engine, client) => {
    const id = await client.ok('create', 'busybox', 'sh', '-c', 'echo out; echo err >&2');
    await client.ok('start', '-a', id);
    const queries = ['logs=1&stdout=1&stderr=1', 'logs=1&stdout=1', 'logs=1&stderr=1', ''];
    const got = [];
    for (const query of queries) {
      for (const version of ['1.41', '1.27']) {
        const attached = attach(engine, id, query, version);
        const code = await attached.closed;
        // Of two streams that are written at once, either may be first.
        got.push([attached.text().split('\n').sort(), [...attached.kinds], code]);
      }
    }
    return got;
  },
  'a terminal, its keys, and a client that goes': async (engine, client) => {
    const id = await client.ok('run', '-dit', 'busybox', 'cat');
    const first = attach(engine, id, `${all}&detachKeys=a,b`);
    await first.opened;
    first.socket.send('foo\n');
    await prints(first, 'foo\r\nfoo\r\n');
    first.socket.send('ab');
    const codes = [await first.closed];
    const second = attach(engine, id, all);
    await second.opened;
    second.socket.close();
    codes.push(await second.closed);
    return [codes, first.text(), await client.ok('inspect', '-f', '{{.State.Running}}', id)];
  },
  'several clients, each with what it asked for': async (engine, client) => {
    const script = 'while read line; do echo "got $line"; [ "$line" = end ] && exit 3; done';
    const id = await client.ok('create', '-i', 'busybox', 'sh', '-c', script);
    const clients = [all, output, 'stream=1&stderr=1'].map((query) => attach(engine, id, query));
    await Promise.all(clients.map(({ opened }) => opened));
    await client.ok('start', id);
    clients[0]?.socket.send('a\nend\n');
    const codes = await Promise.all(clients.map(({ closed }) => closed));
    return [codes, clients.map((attached) => attached.text()), await client.ok('wait', id)];
  },
  'what is refused': async (engine, client) => {
    await client.ok('run', '-d', '--name', 'paused', 'busybox', 'sleep', '600');
    await client.ok('pause', 'paused');
    const answers = [
      await refused(engine, 'nobody', all),
      await refused(engine, 'nobody', `${all}&detachKeys=nonsense`),
      await refused(engine, 'paused', all),
    ];
    const { status, body } = await engine.request('GET', `/v1.41/containers/paused/attach/ws?${all}`);
    const missing = await engine.request('GET', `/v1.41/containers/nobody/attach/ws?${all}`);
    return [answers, ...[status, body.includes('not websocket protocol'), missing.status, missing.body]];
  },
};

describe('attach over a WebSocket', () => {
  it.each(Object.entries(conversations))('is as with dockerd: %s', async (_, talk) => {
    const [got, expected] = await Promise.all([
      talk(ours.engine, ours.davit),
      talk(dockerd, clientFor('docker', dockerd)),
    ]);
    expect(got).toEqual(expected);
  });

  it('gives the streams that are asked for from 1.42 on', async () => {
    const { engine, davit } = ours;
    const id = await davit.ok('create', 'busybox', 'sh', '-c', 'echo out; echo err >&2');
    await davit.ok('start', '-a', id);
    for (const [query, words] of [
      ['stdout=1', 'out\n'],
      ['stderr=1', 'err\n'],
      ['stdin=1', ''],
    ] as const) {
      const attached = attach(engine, id, `logs=1&${query}`, '1.42');
      expect(await attached.closed).toBe(1000);
      expect(attached.text()).toBe(words);
    }
  });

  it('costs no memory and slows nobody when its client never reads', async () => {
    // So much that keeping it is told from what the collector leaves lying about.
    const megabytes = Number(process.env.DAVIT_TEST_MEGABYTES || 120);
    const line = 'a line of a hundred bytes '.padEnd(99, '.');
    const { engine, davit } = ours;
    const peak = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${engine.pid()}/status`, 'utf8'))?.[1]) / 1024;
    const id = await davit.ok(
      'create',
      'busybox',
      'sh',
      '-c',
      `yes '${line}' | head -n ${megabytes}0000; echo end`,
    );
    const silent = attach(engine, id, output);
    await silent.opened;
    silent.socket.pause();
    const reader = attach(engine, id, output);
    await reader.opened;
    const before = peak();
    await davit.ok('start', id);
    expect(await reader.closed).toBe(1000);
    expect(reader.text()).toHaveLength(megabytes * 1_000_000 + 4);
    expect(reader.text().endsWith('.\nend\n')).toBe(true);
    expect(await davit.ok('wait', id)).toBe('0');
    expect(peak() - before).toBeLessThan(megabytes * 0.75);
    silent.socket.terminate();
  });

  it('tells of its coming and its letting go', async () => {
    const { engine, davit } = ours;
    const id = await davit.ok('run', '-dit', 'busybox', 'cat');
    const attached = attach(engine, id, all);
    await attached.opened;
    attached.socket.send(Buffer.from([16, 17]));
    expect(await attached.closed).toBe(1000);
    const events = davit.start(
      'events',
      '--since',
      '0',
      '--filter',
      `container=${id}`,
      '--format',
      '{{.Action}}',
    );
    await events.prints(/attach\n(.*\n)*detach\n/);
    events.signal('SIGINT');
    await events.done;
  });
});
