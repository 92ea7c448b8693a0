import { describe, expect, it } from 'vitest';
import { dynamicValue } from '../go/decode.ts';
import { templateExcerpt, templateFailure } from './failure.ts';
import { compileTemplate } from './template.ts';

describe('templateExcerpt', () => {
  it('marks the place in its line', () => {
    expect(templateExcerpt('first\n{{.Names}} {{.Nope}}\nlast', 19)).toBe(
      ['line 2, column 14:', '  {{.Names}} {{.Nope}}', '               ^'].join('\n'),
    );
  });

  it('cuts long lines', () => {
    const source = `${'x'.repeat(100)}{{.Nope}}${'y'.repeat(100)}`;
    const [, line = '', mark = ''] = templateExcerpt(source, 102).split('\n');
    expect(line[mark.length - 1]).toBe('.');
    expect(line.length).toBeLessThan(80);
  });

  it('counts characters, not their bytes, and marks the place on the screen', () => {
    // The first character is two columns wide.
    expect(templateExcerpt('😀é {{.Nope}}', 6)).toBe('line 1, column 6:\n  😀é {{.Nope}}\n        ^');
    expect(templateExcerpt('漢字{{.Nope}}', 4)).toBe('line 1, column 5:\n  漢字{{.Nope}}\n        ^');
  });

  it('finds the end of a text that stops too early', () => {
    expect(templateExcerpt('{{.Foo', 6)).toBe('line 1, column 7:\n  {{.Foo\n        ^');
    expect(templateExcerpt('\n', 0)).toBe('line 1, column 1:\n  \n  ^');
  });
});

describe('templateFailure', () => {
  it("keeps Go's message and shows the place apart from it", () => {
    const run = () => compileTemplate('{{.a}} {{.b.c}}').render(dynamicValue({ a: 'x' }), 'error');
    let failure = templateFailure('', null);
    try {
      run();
    } catch (error) {
      failure = templateFailure('template parsing error: ', error);
    }
    expect(failure.message).toBe(
      'template parsing error: template: :1:11: executing "" at <.b.c>: map has no entry for key "b"',
    );
    expect(failure.detail).toBe('line 1, column 12:\n  {{.a}} {{.b.c}}\n             ^');
  });
});
