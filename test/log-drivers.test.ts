import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { engine, davit } = await useEngine({ engine: 'davitd', client: 'davit' });
const { engine: dockerd, davit: docker } = await useEngine({ engine: 'dockerd', client: 'docker' });

/** A syslog of the test's own. */
async function syslog(path: string) {
  let text = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    text: () => text,
    has: (words: string | RegExp) =>
      waitFor(
        () => (typeof words === 'string' ? text.includes(words) : words.test(text)),
        `${words} in the syslog`,
      ),
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

const driver = (path: string, ...options: string[]) => [
  '--log-driver=syslog',
  ...[`syslog-address=unix://${path}`, ...options].flatMap((option) => ['--log-opt', option]),
];

/** What everybody prints. */
const script = 'echo out; echo err >&2; echo; printf "no end"';

describe('--log-driver syslog', () => {
  it.each([
    [],
    ['syslog-format=rfc3164', 'syslog-facility=local3', 'tag={{.Name}}-x'],
    ['syslog-format=rfc5424', 'tag={{.ImageName}}', 'labels=color', 'env=A'],
    ['syslog-format=rfc5424micro', 'mode=non-blocking', 'max-buffer-size=4m'],
  ])('sends what dockerd sends with %s %s %s', async (...options) => {
    const texts = await Promise.all(
      [[engine, davit] as const, [dockerd, docker] as const].map(async ([{ directory }, client]) => {
        const path = `${directory}/syslog-${options.length}`;
        const log = await syslog(path);
        const id = await client.ok(
          'create',
          '--name',
          `sends-${options[0]?.replace('=', '-') ?? 'plain'}`,
          ...driver(path, ...options),
          'busybox',
          'sh',
          '-c',
          script,
        );
        await client.ok('start', '-a', id);
        for (const last of ['no end\n', 'err\n']) await log.has(last);
        const shown = await client('logs', id);
        await log.close();
        const normal = log
          .text()
          .replaceAll(id.slice(0, 12), 'ID')
          .replace(/\d\d:\d\d:\d\d(\.\d+)?/g, 'TIME')
          .replace(/\[\d+\]| \d+ (?=busybox|ID)/g, ' PID ')
          // Of two streams that are written at once, either may be first.
          .split('\n')
          .sort();
        return [normal, shown.stdout, shown.stderr];
      }),
    );
    expect(texts[0]).toEqual(texts[1]);
    expect(texts[0]?.[0]).toContainEqual(expect.stringMatching(/out$/));
  });

  it('goes on after the engine was killed, and its receiver too, and leaves nothing out', async () => {
    const path = `${engine.directory}/syslog-restart`;
    const log = await syslog(path);
    const count = 'i=0; while [ -e /go ]; do echo "line $((i+=1))."; sleep 0.02; done; echo "all $i"';
    const id = await davit.ok('run', '-d', ...driver(path), 'busybox', 'sh', '-c', `touch /go; ${count}`);
    await log.has('line 5.');
    await engine.crash();
    await engine.start();
    await log.has(/line 4\d\./);
    await log.close();
    await davit.ok('exec', id, 'sh', '-c', 'rm /go');
    const again = await syslog(path);
    expect(await davit.ok('wait', id)).toBe('0');
    await again.has(/all \d+/);
    const numbersIn = (text: string) =>
      [...text.matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
    const all = Number(/all (\d+)/.exec(again.text())?.[1]);
    // What the first one had taken and not read when it went is lost with it; a line may come again after a crash.
    for (const numbers of [numbersIn(log.text()), numbersIn(again.text())]) {
      const [first = 0] = numbers;
      const expected = Array.from({ length: Math.max(...numbers) - first + 1 }, (_, at) => first + at);
      expect([...new Set(numbers)]).toEqual(expected);
    }
    expect(numbersIn(again.text()).at(-1)).toBe(all);
    expect((await davit.ok('logs', id)).split('\n')).toHaveLength(all + 1);
    await again.close();
  });

  it('is kept here for its readers, unless they are to have none', async () => {
    const path = `${engine.directory}/syslog-cache`;
    const log = await syslog(path);
    const shown = await davit.ok('run', '-d', ...driver(path), '--label', 'a=b', 'busybox', 'seq', '5000');
    expect((await davit.ok('logs', '-f', shown)).split('\n')).toHaveLength(5000);
    expect(await davit.ok('logs', '--details', '--tail', '1', shown)).toBe(' 5000');
    const hidden = await davit.ok(
      'run',
      '-d',
      ...driver(path, 'cache-disabled=true'),
      'busybox',
      'echo',
      'unseen',
    );
    await log.has('unseen\n');
    const { code, stderr } = await davit('logs', hidden);
    expect(code).toBe(1);
    expect(stderr).toContain('configured logging driver does not support reading');
    await log.close();
  });
});

describe('a log that cannot be sent', () => {
  const refused: string[][] = [
    ['syslog-address=unix:///nope'],
    ['syslog-address=tcp://127.0.0.1:1'],
    ['syslog-address=foo://bar'],
    ['syslog-address=udp://127.0.0.1', 'syslog-facility=nope'],
    ['syslog-address=udp://127.0.0.1', 'syslog-format=nope'],
    ['syslog-address=udp://127.0.0.1', 'max-size=10m'],
    ['syslog-address=udp://127.0.0.1', 'mode=other'],
    ['syslog-address=udp://127.0.0.1', 'max-buffer-size=1m'],
    ['syslog-address=udp://127.0.0.1', 'mode=non-blocking', 'max-buffer-size=x'],
  ];

  it('is refused as dockerd does', async () => {
    const run = (client: Client) =>
      Promise.all(
        refused.map(async (options) => {
          const flags = options.flatMap((option) => ['--log-opt', option]);
          const { code, stderr } = await client(
            'run',
            '--rm',
            '--log-driver=syslog',
            ...flags,
            'busybox',
            'true',
          );
          return [options, code, stderr.split('\n')[0]?.replace(/^(docker|davit): /, '')];
        }),
      );
    const [ours, theirs] = await Promise.all([run(davit), run(docker)]);
    expect(ours).toEqual(theirs);
  });

  it.skipIf(existsSync('/run/systemd/journal/socket') || existsSync('/dev/log'))(
    'keeps its container from starting where there is no journal and no syslog',
    async () => {
      const start = async (client: Client, name: string) => {
        await client.ok('create', '--name', `at-${name}`, '--log-driver', name, 'busybox', 'true');
        const { code, stderr } = await client('start', `at-${name}`);
        return [
          code,
          stderr,
          await client.ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', `at-${name}`),
        ];
      };
      for (const name of ['journald', 'syslog']) {
        const [ours, theirs] = await Promise.all([start(davit, name), start(docker, name)]);
        expect(ours).toEqual(theirs);
      }
    },
  );

  it('is one that waits for nobody with mode=non-blocking, whatever its driver', async () => {
    for (const name of ['json-file', 'local']) {
      const options = [
        '--log-driver',
        name,
        '--log-opt',
        'mode=non-blocking',
        '--log-opt',
        'max-buffer-size=1m',
      ];
      expect(await davit.ok('run', '--rm', ...options, 'busybox', 'echo', name)).toBe(name);
    }
  });
});
