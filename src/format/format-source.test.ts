import { describe, expect, it } from 'vitest';
import { formatSource } from './format-source.ts';

describe('formatSource', () => {
  it('is the template behind the word table, with its tabs and ends of lines', () => {
    const { isTable, text } = formatSource('table  {{.ID}}\\t{{.Names}}\\n ');
    expect([isTable, text]).toEqual([true, '{{.ID}}\t{{.Names}}\n']);
    expect(formatSource('{{.ID}}')).toMatchObject({ isTable: false, text: '{{.ID}}' });
    expect(formatSource('json').text).toBe('{{json .}}');
  });

  it('knows where its characters were typed', () => {
    for (const format of [
      '{{.ID}}{{X}}',
      '  {{.ID}}{{X}}',
      'table {{.ID}}\\t\\t{{X}}',
      '\\n{{.ID}}\\t {{X}}',
    ]) {
      const { text, typedAt } = formatSource(format);
      expect(typedAt(text.indexOf('X'))).toBe(format.indexOf('X'));
      expect(typedAt(text.indexOf('{{.ID}}'))).toBe(format.indexOf('{{.ID}}'));
    }
  });
});
