import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

/** How much is piped; the aim is that memory does not depend on it. */
const megabytes = Number(process.env.DAVIT_TEST_MEGABYTES ?? 100);
const chunk = Buffer.alloc(1024 * 1024);
for (let index = 0; index < chunk.length; index++) chunk[index] = (index * 31 + (index >> 8)) & 0xff;

function* flood(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) {
    chunk.writeUInt32LE(index);
    yield Buffer.from(chunk);
  }
}

/** The most memory that a process has ever had, in megabytes; 0 when it is no more. */
function peakMemory(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

function peakWhile(child: ChildProcess): { client(): number } {
  let client = 0;
  const look = () => {
    try {
      client = Math.max(client, peakMemory(child.pid ?? 0));
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, 50);
  child.once('exit', () => clearInterval(timer));
  return { client: () => client };
}

async function pipeThrough(
  args: string[],
  count: number,
): Promise<{ sum: string; expected: string; client: number; code: number }> {
  const [program = '', ...first] = davit.argv;
  const child = spawn(program, [...first, ...args], { env: davit.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const peak = peakWhile(child);
  const expected = createHash('sha256');
  const sum = createHash('sha256');
  const exit = once(child, 'close');
  const source = Readable.from(flood(count)).on('data', (bytes: Buffer) => expected.update(bytes));
  await Promise.all([pipeline(source, child.stdin), pipeline(child.stdout, sum)]);
  const [code] = (await exit) as [number];
  return { sum: sum.digest('hex'), expected: expected.digest('hex'), client: peak.client(), code };
}

describe('standard input', () => {
  it('is closed in the container when it ends', async () => {
    expect(await davit.with({ input: 'hi' }).ok('run', '--rm', '-i', 'busybox', 'cat')).toBe('hi');
    expect(await davit.with({ input: '' }).ok('run', '--rm', '-i', 'busybox', 'cat')).toBe('');
    expect(await davit.with({ input: 'one\ntwo\n' }).ok('run', '--rm', '-i', 'busybox', 'wc', '-l')).toBe(
      '2',
    );
  });

  it('may be left unread', async () => {
    const result = await davit.with({ input: Readable.from(flood(8)) })(
      'run',
      '--rm',
      '-i',
      'busybox',
      'echo',
      'done',
    );
    expect(result).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  });

  it(`carries ${megabytes} MB through cat, with memory that does not grow`, async () => {
    const before = peakMemory(engine.pid());
    const { sum, expected, client, code } = await pipeThrough(
      ['run', '--rm', '-i', 'busybox', 'cat'],
      megabytes,
    );
    expect(code).toBe(0);
    expect(sum).toBe(expected);
    expect(client).toBeGreaterThan(10);
    expect(client).toBeLessThan(200);
    expect(peakMemory(engine.pid()) - before).toBeLessThan(100);
  });

  it('carries as much through exec', async () => {
    await davit.ok('run', '-d', '--name', 'pipe', 'busybox', 'sleep', '1000');
    const { sum, expected, client, code } = await pipeThrough(['exec', '-i', 'pipe', 'cat'], megabytes);
    expect(code).toBe(0);
    expect(sum).toBe(expected);
    expect(client).toBeLessThan(200);
  });

  it('waits when the container does not read', async () => {
    const before = peakMemory(engine.pid());
    const script = 'sleep 1; sha256sum';
    const result = await davit
      .with({ input: Readable.from(flood(64)) })
      .ok('run', '--rm', '-i', 'busybox', 'sh', '-c', script);
    const expected = createHash('sha256');
    for (const bytes of flood(64)) expected.update(bytes);
    expect(result).toBe(`${expected.digest('hex')}  -`);
    expect(peakMemory(engine.pid()) - before).toBeLessThan(100);
  });
});
