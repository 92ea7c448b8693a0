import { PassThrough, Readable } from 'node:stream';
import { frameHeader } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { copyOutput } from './copy.ts';
import { createOutput } from './streams.ts';

function frame(stream: 1 | 2 | 3, text: string): Buffer {
  return Buffer.concat([frameHeader(stream, text.length), Buffer.from(text)]);
}

function output() {
  const stream = new PassThrough();
  const text = () => (stream.read() as Buffer | null)?.toString() ?? '';
  return { output: createOutput(stream, {}), text };
}

describe('copyOutput', () => {
  it('takes framed output apart', async () => {
    const [out, err] = [output(), output()];
    const source = Readable.from([frame(1, 'out\n'), frame(2, 'err\n'), frame(1, 'more\n')]);
    await copyOutput(source, false, { out: out.output, err: err.output });
    expect(out.text()).toBe('out\nmore\n');
    expect(err.text()).toBe('err\n');
  });

  it('passes the output of a terminal on as it is', async () => {
    const out = output();
    await copyOutput(Readable.from([Buffer.from('\u0001raw\r\n')]), true, { out: out.output });
    expect(out.text()).toBe('\u0001raw\r\n');
  });

  it('drops a stream that is not attached', async () => {
    const err = output();
    await copyOutput(Readable.from([frame(1, 'out'), frame(2, 'err')]), false, { err: err.output });
    expect(err.text()).toBe('err');
  });

  it('fails with what the engine says on its own stream', async () => {
    const source = Readable.from([frame(3, 'the log is gone')]);
    await expect(copyOutput(source, false, {})).rejects.toThrow(
      'error from daemon in stream: the log is gone',
    );
  });

  it('reads no faster than its output is read', async () => {
    const slow = new PassThrough({ highWaterMark: 10 });
    let produced = 0;
    const source = Readable.from(
      (function* () {
        for (; produced < 100; produced += 1) yield frame(1, 'x'.repeat(100));
      })(),
      { highWaterMark: 1 },
    );
    const done = copyOutput(source, false, { out: createOutput(slow, {}) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(produced).toBeLessThan(10);
    slow.resume();
    await done;
    expect(produced).toBe(100);
  });
});
