import { frameHeader } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { createDemultiplexer } from './demultiplex.ts';

function frame(stream: 0 | 1 | 2 | 3, text: string): Buffer {
  return Buffer.concat([frameHeader(stream, text.length), Buffer.from(text)]);
}

function collect(chunks: Uint8Array[]): [number, string][] {
  const pieces: [number, string][] = [];
  const demultiplex = createDemultiplexer((stream, bytes) => {
    pieces.push([stream, Buffer.from(bytes).toString()]);
  });
  for (const chunk of chunks) demultiplex(chunk);
  return pieces;
}

describe('createDemultiplexer', () => {
  it('puts frames of one stream together and keeps the order of streams', () => {
    const chunk = Buffer.concat([
      frame(1, 'one\n'),
      frame(1, 'two\n'),
      frame(2, 'oops\n'),
      frame(1, ''),
      frame(1, 'three\n'),
      frame(1, 'four\n'),
    ]);
    expect(collect([chunk])).toEqual([
      [1, 'one\ntwo\n'],
      [2, 'oops\n'],
      [1, 'three\nfour\n'],
    ]);
  });

  it('takes the stream cut anywhere', () => {
    const bytes = Buffer.concat([frame(1, 'hello '), frame(2, 'error'), frame(1, 'world')]);
    for (let size = 1; size < bytes.length; size += 1) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(Buffer.from(bytes.subarray(at, at + size)));
      const pieces = collect(chunks);
      const of = (wanted: number) =>
        pieces.flatMap(([stream, text]) => (stream === wanted ? [text] : [])).join('');
      expect(of(1)).toBe('hello world');
      expect(of(2)).toBe('error');
    }
  });

  it('reads lengths of four bytes', () => {
    const payload = 'x'.repeat(70_000);
    expect(collect([frame(1, payload)])).toEqual([[1, payload]]);
  });

  it('refuses what consists of no frames', () => {
    expect(() => collect([Buffer.from('plain text')])).toThrow('unrecognized stream: 112');
  });
});
