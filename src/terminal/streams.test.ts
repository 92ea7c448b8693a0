import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { allowsColor, createInput, createOutput } from './streams.ts';

describe('createOutput', () => {
  it('is no terminal, has no colours and 80 columns on a pipe', () => {
    const { isTerminal, color, width } = createOutput(new PassThrough(), { TERM: 'xterm' });
    expect({ isTerminal, color, width }).toEqual({ isTerminal: false, color: false, width: 80 });
  });

  it('knows the size of a terminal as it is now', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 50 });
    const output = createOutput(stream, { TERM: 'xterm' });
    expect(output.color).toBe(true);
    let calls = 0;
    const stop = output.onResize(() => {
      calls += 1;
    });
    stream.columns = 90;
    stream.emit('resize');
    stop();
    stream.emit('resize');
    expect([output.width, output.height, calls]).toEqual([90, 50, 1]);
  });

  it('has the usual size on a terminal that does not know its own', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0, rows: 0 });
    const { width, height } = createOutput(stream, {});
    expect([width, height]).toEqual([80, 24]);
  });

  it('waits for a slow reader', async () => {
    const releases: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void releases.push(done),
    });
    const output = createOutput(slow, {});
    let written = false;
    const write = output.line('text').then(() => {
      written = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    for (const release of releases) release();
    await write;
    expect(written).toBe(true);
    await output.flushed();
  });
});

describe('allowsColor', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ CI: 'true' }, false],
    [{ TERM: 'dumb' }, false],
  ])('with %j is %s', (environment, allowed) => {
    expect(allowsColor(environment)).toBe(allowed);
  });
});

describe('createInput', () => {
  it('opens the stream only when it is used, and only once', () => {
    let opened = 0;
    const input = createInput(() => {
      opened += 1;
      return new PassThrough();
    });
    expect(opened).toBe(0);
    expect(input.isTerminal).toBe(false);
    input.setRaw(true);
    expect(input.stream).toBe(input.stream);
    expect(opened).toBe(1);
  });

  it('switches a terminal only when its mode changes', () => {
    const modes: boolean[] = [];
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      isRaw: false,
      setRawMode(raw: boolean) {
        modes.push(raw);
        terminal.isRaw = raw;
      },
    });
    const input = createInput(() => terminal);
    input.setRaw(false);
    input.setRaw(true);
    input.setRaw(true);
    input.setRaw(false);
    expect(modes).toEqual([true, false]);
  });
});
