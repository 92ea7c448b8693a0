import { describe, expect, it } from 'vitest';
import { decodeJsonLines, encodeJsonLine, JsonLinesError } from './jsonlines.ts';

async function decode(parts: (string | Uint8Array)[]): Promise<unknown[]> {
  async function* chunks() {
    for (const part of parts) yield typeof part === 'string' ? new TextEncoder().encode(part) : part;
  }
  return await Array.fromAsync(decodeJsonLines(chunks()));
}

describe('JSON lines', () => {
  it('come out one by one, however they are cut', async () => {
    expect(await decode(['{"a":', '1}\r\n{"a"', ':2}\n\n{"a":3}'])).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('keep a character that is cut in two', async () => {
    const bytes = new TextEncoder().encode(encodeJsonLine({ name: 'Łódź' }));
    for (let at = 1; at < bytes.length; at++) {
      expect(await decode([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([{ name: 'Łódź' }]);
    }
  });

  it('refuse what is no JSON', async () => {
    await expect(decode(['<html>\n'])).rejects.toThrow(JsonLinesError);
  });
});
