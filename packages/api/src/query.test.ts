import { describe, expect, it } from 'vitest';
import { decodeQuery, encodeQuery, filters, flag, QueryError, text, texts, wholeNumber } from './query.ts';

const shape = { all: flag, name: text, changes: texts, limit: wholeNumber, filters };
const decode = (search: string) => decodeQuery(shape, new URLSearchParams(search));

describe('queries', () => {
  it('give every field its empty value', () => {
    expect(decode('')).toEqual({ all: false, name: '', changes: [], limit: null, filters: {} });
  });

  it.each([
    ['all=1', true],
    ['all=true', true],
    ['all=yes', true],
    ['all=0', false],
    ['all=No', false],
    ['all=FALSE', false],
    ['all=none', false],
    ['all=', false],
  ])('read %s as %s', (search, expected) => {
    expect(decode(search).all).toBe(expected);
  });

  it('survive the way to the other side', () => {
    const query = {
      all: true,
      name: 'a b&c',
      changes: ['CMD ["sh"]', 'ENV A=1'],
      limit: -1,
      filters: { label: ['a=b', 'ü'] },
    };
    expect(decode(encodeQuery(shape, query))).toEqual(query);
    expect(encodeQuery(shape, {})).toBe('');
  });

  it('read both encodings of filters', () => {
    expect(decode('filters={"status":["exited","created"]}').filters).toEqual({
      status: ['exited', 'created'],
    });
    expect(decode('filters={"status":{"exited":true,"created":false}}').filters).toEqual({
      status: ['exited'],
    });
  });

  it.each(['filters=x', 'filters=[]', 'filters={"a":1}', 'filters={"a":[1]}', 'limit=ten', 'limit=1e3'])(
    'refuse %s',
    (search) => {
      expect(() => decode(search)).toThrow(QueryError);
    },
  );
});
