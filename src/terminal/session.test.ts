import { Duplex, PassThrough } from 'node:stream';
import { frameHeader } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { type SessionOptions, startSession } from './session.ts';
import { createInput, createOutput } from './streams.ts';

function setUp(options: Partial<SessionOptions>) {
  const typed = new PassThrough();
  const [shown, errors] = [new PassThrough(), new PassThrough()];
  const [fromContainer, toContainer] = [new PassThrough(), new PassThrough()];
  const connection = Duplex.from({ readable: fromContainer, writable: toContainer });
  const streams = {
    in: createInput(() => typed),
    out: createOutput(shown, {}),
    err: createOutput(errors, {}),
  };
  const session = startSession({
    connection,
    streams,
    terminal: false,
    stdin: true,
    stdout: true,
    stderr: true,
    detachKeys: '',
    ...options,
  });
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { session, typed, shown, errors, fromContainer, toContainer, read };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('startSession', () => {
  it('sends input and its end, and goes on reading', async () => {
    const { session, typed, shown, fromContainer, toContainer, read } = setUp({});
    typed.end('hi\n');
    await settled();
    expect(read(toContainer)).toBe('hi\n');
    expect(toContainer.writableEnded).toBe(true);
    fromContainer.end(Buffer.concat([frameHeader(1, 4), Buffer.from('done')]));
    expect(await session.end).toBe('ended');
    expect(read(shown)).toBe('done');
  });

  it('ends the input at once when there is none to send', async () => {
    const { session, typed, fromContainer, toContainer } = setUp({ stdin: false });
    typed.write('not read');
    await settled();
    expect(toContainer.writableEnded).toBe(true);
    expect(toContainer.read()).toBeNull();
    fromContainer.end();
    expect(await session.end).toBe('ended');
  });

  it('leaves at the detach keys of a terminal', async () => {
    const { session, typed, toContainer, read } = setUp({ terminal: true, detachKeys: 'ctrl-a,d' });
    typed.write('x\u0001d');
    expect(await session.end).toBe('detached');
    expect(read(toContainer)).toBe('x');
  });

  it('knows no detach keys without a terminal', async () => {
    const { session, typed, fromContainer, toContainer, read } = setUp({});
    typed.write('\u0010\u0011');
    await settled();
    expect(read(toContainer)).toBe('\u0010\u0011');
    fromContainer.end();
    expect(await session.end).toBe('ended');
  });

  it('takes a reset by a container that leaves its input for an end', async () => {
    const { session, fromContainer } = setUp({});
    fromContainer.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    expect(await session.end).toBe('ended');
  });
});
