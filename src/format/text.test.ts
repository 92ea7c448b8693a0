import { describe, expect, it } from 'vitest';
import { ellipsis, shortId } from './text.ts';

describe('ellipsis', () => {
  it.each([
    ['short', 20, 'short'],
    ['exactly twenty chars', 20, 'exactly twenty chars'],
    ['exactly twenty chars!', 20, 'exactly twenty char…'],
    ['日本語日本語', 12, '日本語日本語'],
    ['日本語日本語', 11, '日本語日本…'],
    ['日本語日本語', 10, '日本語日…'],
    ['', 5, ''],
  ])('%s in %d columns', (text, columns, shortened) => {
    expect(ellipsis(text, columns)).toBe(shortened);
  });
});

describe('shortId', () => {
  it('takes twelve digits', () => {
    expect(shortId(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab');
    expect(shortId('0123456789abcdef')).toBe('0123456789ab');
  });
});
