import { describe, expect, it } from 'vitest';
import { compareNaturally } from './natural.ts';

describe('compareNaturally', () => {
  it('counts', () => {
    const lines = [
      '443/tcp -> [::]:9001',
      '80/tcp -> [::]:9000',
      '80/tcp -> 127.0.0.1:9005',
      '80/tcp -> 0.0.0.0:9000',
    ];
    expect(lines.sort(compareNaturally)).toEqual([
      '80/tcp -> 0.0.0.0:9000',
      '80/tcp -> 127.0.0.1:9005',
      '80/tcp -> [::]:9000',
      '443/tcp -> [::]:9001',
    ]);
  });

  it('knows bytes and not languages', () => {
    const names = ['a_b', 'z1', 'B1', 'b10', 'a.b', 'b2', 'Z9', 'a-b'];
    expect(names.sort(compareNaturally)).toEqual(['B1', 'Z9', 'a-b', 'a.b', 'a_b', 'b2', 'b10', 'z1']);
  });
});
