import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createFrameDecoder } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { attached } from './support/attached.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

/** How much is printed where memory is looked at. */
const megabytes = Number(process.env.DAVIT_TEST_MEGABYTES || 60);

const all = 'stream=1&stdout=1&stderr=1';

/** The most memory that the engine has ever taken, in MiB. */
function peakMemory(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${engine.pid()}/status`, 'utf8'))?.[1]) / 1024;
}

async function create(...args: string[]): Promise<string> {
  return davit.ok('create', ...args);
}

// dockerd lets the container wait.
describe.skipIf(againstOriginal.engine)('a client that attaches and never reads', () => {
  it('slows nobody down, costs no memory, and leaves the others every byte', async () => {
    const lines = megabytes * 10_000;
    const text = 'a line of a hundred bytes '.padEnd(99, '.');
    const id = await create('busybox', 'sh', '-c', `yes '${text}' | head -n ${lines}; echo end >&2`);
    const silent = await attached(engine.socket, id, all);
    const reader = await attached(engine.socket, id, all);
    const hash = createHash('sha256');
    let errors = '';
    const decode = createFrameDecoder((stream, bytes) => {
      if (stream === 1) hash.update(bytes);
      else errors += Buffer.from(bytes).toString();
    });
    reader.on('data', decode);
    const before = peakMemory();
    await davit.ok('start', id);
    await once(reader, 'end');
    expect(await davit.ok('wait', id)).toBe('0');
    const expected = createHash('sha256');
    for (let number = 0; number < lines; number++) expected.update(`${text}\n`);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    expect(errors).toBe('end\n');
    expect(peakMemory() - before).toBeLessThan(120);
    await davit.ok('rm', id);
    silent.destroy();
    reader.destroy();
  });

  it('is no hindrance to the end of the engine', async () => {
    const id = await create('busybox', 'sh', '-c', 'yes | head -c 4000000');
    const silent = await attached(engine.socket, id, all);
    await davit.ok('start', id);
    expect(await davit.ok('wait', id)).toBe('0');
    await engine.stop();
    await engine.start();
    silent.destroy();
  });
});

describe('attach', () => {
  it('gives each client what it asked for, also what was printed before, and input from all of them', async () => {
    const script = 'echo one; while read line; do echo "got $line"; [ "$line" = end ] && exit 3; done';
    const id = await create('-i', 'busybox', 'sh', '-c', script);
    const read = async (query: string) => {
      const got = { text: '' };
      const socket = await attached(engine.socket, id, query);
      socket.on(
        'data',
        createFrameDecoder((_, bytes) => (got.text += Buffer.from(bytes).toString())),
      );
      return { socket, got };
    };
    const first = await read(`${all}&stdin=1`);
    await davit.ok('start', id);
    first.socket.write('a\n');
    const follower = davit.start('logs', '-f', id);
    await follower.prints('got a\n');
    const second = await read(`${all}&stdin=1&logs=1`);
    const third = await read('stream=1&stderr=1');
    const replay = await read('logs=1&stdout=1');
    await once(replay.socket, 'end');
    expect(replay.got.text).toBe('one\ngot a\n');
    second.socket.write('b\nend\n');
    await Promise.all([first, second, third].map(({ socket }) => once(socket, 'end')));
    expect(first.got.text).toBe('one\ngot a\ngot b\ngot end\n');
    expect(second.got.text).toBe('one\ngot a\ngot b\ngot end\n');
    expect(third.got.text).toBe('');
    expect(await davit.ok('wait', id)).toBe('3');
    for (const { socket } of [first, second, third, replay]) socket.destroy();
  });

  it('goes on over changes of the log’s file', async () => {
    const limits = ['--log-opt', 'max-size=10k', '--log-opt', 'max-file=2'];
    const { code, stdout } = await davit('run', '--rm', ...limits, 'busybox', 'seq', '50000');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(50_001);
    expect(stdout.endsWith('49999\n50000\n')).toBe(true);
  });

  it('works without a log', async () => {
    const { code, stdout } = await davit.with({ input: 'words\n' })(
      'run',
      '--rm',
      '-i',
      '--log-driver',
      'none',
      'busybox',
      'sh',
      '-c',
      'cat; seq 20000; exit 4',
    );
    expect(code).toBe(4);
    expect(stdout.split('\n')).toHaveLength(20_002);
  });
});
