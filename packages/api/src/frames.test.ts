import { describe, expect, it } from 'vitest';
import { createFrameDecoder, FrameError, frameHeader, type StreamNumber } from './frames.ts';

function decodeAll(chunks: Uint8Array[]): { stream: StreamNumber; text: string }[] {
  const parts: { stream: StreamNumber; text: string }[] = [];
  const decode = createFrameDecoder((stream, bytes) => {
    const text = new TextDecoder().decode(bytes);
    const last = parts.at(-1);
    if (last?.stream === stream) last.text += text;
    else parts.push({ stream, text });
  });
  for (const chunk of chunks) decode(chunk);
  return parts;
}

function frame(stream: StreamNumber, text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  return Uint8Array.from([...frameHeader(stream, payload.length), ...payload]);
}

describe('frames', () => {
  it('writes stream, three zeros and the length in network order', () => {
    expect([...frameHeader(2, 0x01020304)]).toEqual([2, 0, 0, 0, 1, 2, 3, 4]);
  });

  it('decodes the same stream however it is cut', () => {
    const whole = Uint8Array.from([
      ...frame(1, 'out'),
      ...frame(2, 'err'),
      ...frame(1, ''),
      ...frame(1, 'end'),
    ]);
    const expected = [
      { stream: 1, text: 'out' },
      { stream: 2, text: 'err' },
      { stream: 1, text: 'end' },
    ];
    for (let size = 1; size <= whole.length; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
      expect(decodeAll(chunks)).toEqual(expected);
    }
  });

  it('refuses what is no frame', () => {
    expect(() => decodeAll([new TextEncoder().encode('plain text')])).toThrow(FrameError);
  });
});
