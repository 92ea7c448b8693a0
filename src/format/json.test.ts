import { describe, expect, it } from 'vitest';
import { compactJson, indentJson, JsonNumber, parseJson } from './json.ts';

describe('indentJson', () => {
  it('keeps keys, digits and escapes as they are', () => {
    const source =
      '{"b":1795593719123456789,"10":[],"2":{},"a":[1.50,true,null,"x\\u003cy: [{,"],"e":{"f":[{"g":-0}]}}';
    expect(indentJson(source, '    ')).toBe(`{
    "b": 1795593719123456789,
    "10": [],
    "2": {},
    "a": [
        1.50,
        true,
        null,
        "x\\u003cy: [{,"
    ],
    "e": {
        "f": [
            {
                "g": -0
            }
        ]
    }
}`);
  });

  it('does not mind the white space that is there', () => {
    expect(indentJson('[ { } ,\n [ ]\t]', '  ')).toBe('[\n  {},\n  []\n]');
    expect(indentJson('[]', '    ')).toBe('[]');
  });
});

describe('compactJson', () => {
  it('takes white space away, but not inside of texts', () => {
    expect(compactJson('{ "a b" : [ 1 , "c \\" d" ] }')).toBe('{"a b":[1,"c \\" d"]}');
  });
});

describe('parseJson', () => {
  it('keeps the digits of numbers', () => {
    const parsed = parseJson('{"timeNano":1795593719123456789,"nested":[1e3]}') as Record<string, unknown>;
    expect(parsed.timeNano).toEqual(new JsonNumber('1795593719123456789'));
    expect(parsed.nested).toEqual([new JsonNumber('1e3')]);
  });
});
