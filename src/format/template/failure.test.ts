import { describe, expect, it } from 'vitest';
import { dynamicValue } from '../go/decode.ts';
import { templateExcerpt, templateFailure } from './failure.ts';
import { compileTemplate } from './template.ts';

describe('templateExcerpt', () => {
  it('marks the place in its line', () => {
    expect(templateExcerpt('first\n{{.Names}} {{.Nope}}\nlast', 19)).toBe(
      ['  {{.Names}} {{.Nope}}', '               ^'].join('\n'),
    );
  });

  it('cuts long lines', () => {
    const source = `${'x'.repeat(100)}{{.Nope}}${'y'.repeat(100)}`;
    const [line = '', mark = ''] = templateExcerpt(source, 102).split('\n');
    expect(line[mark.length - 1]).toBe('.');
    expect(line.length).toBeLessThan(80);
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
    expect(failure.detail).toBe('  {{.a}} {{.b.c}}\n             ^');
  });
});
