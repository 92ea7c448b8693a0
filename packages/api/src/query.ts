/** How one query parameter travels: `decode` reads all values given under its name, `encode` writes them. */
export interface QueryField<T> {
  decode(values: string[], name: string): T;
  encode(value: T): string[];
}

export type QueryShape = Record<string, QueryField<unknown>>;

export type QueryOf<Q extends QueryShape> = { [K in keyof Q]: Q[K] extends QueryField<infer T> ? T : never };

/** Filters as the API carries them: a name and the values that were given for it. */
export type Filters = Record<string, string[]>;

/** A query parameter that cannot be read; servers answer 400 with its message. */
export class QueryError extends Error {
  override name = 'QueryError';
}

/** True for anything but an empty value, 0, no, false and none: dockerd's rule. */
export const flag: QueryField<boolean> = {
  decode: ([value = '']) => !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase()),
  encode: (value) => (value ? ['1'] : []),
};

/** A flag that is true when it is not given. */
export const flagByDefault: QueryField<boolean> = {
  decode: (values, name) => values.length === 0 || flag.decode(values, name),
  encode: (value) => (value ? [] : ['0']),
};

export const text: QueryField<string> = {
  decode: ([value = '']) => value,
  encode: (value) => (value === '' ? [] : [value]),
};

export const texts: QueryField<string[]> = {
  decode: (values) => values,
  encode: (values) => values,
};

/** A whole number, null when it is not given. */
export const wholeNumber: QueryField<number | null> = {
  decode: ([value = ''], name) => {
    if (value === '') return null;
    if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw new QueryError(`invalid value for ${name}: ${JSON.stringify(value)} is not a whole number`);
    }
    return Number(value);
  },
  encode: (value) => (value === null ? [] : [String(value)]),
};

function filterValues(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, on]) => (on === true ? [key] : []));
  }
  throw new QueryError('invalid filter');
}

/** Both encodings of filters that clients send: {"name":["a"]} and the older {"name":{"a":true}}. */
export const filters: QueryField<Filters> = {
  decode: ([value = '']) => {
    if (value === '') return {};
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch {
      throw new QueryError('invalid filter');
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new QueryError('invalid filter');
    return Object.fromEntries(Object.entries(parsed).map(([name, values]) => [name, filterValues(values)]));
  },
  encode: (value) => {
    const entries = Object.entries(value);
    if (entries.length === 0) return [];
    const asMap = entries.map(([name, values]) => [
      name,
      Object.fromEntries(values.map((one) => [one, true])),
    ]);
    return [JSON.stringify(Object.fromEntries(asMap))];
  },
};

/** Decodes a whole query string by its shape. Throws QueryError. */
export function decodeQuery<Q extends QueryShape>(shape: Q, search: URLSearchParams): QueryOf<Q> {
  const pairs = Object.entries(shape).map(([name, field]) => [name, field.decode(search.getAll(name), name)]);
  return Object.fromEntries(pairs) as QueryOf<Q>;
}

/** Encodes the given part of a query; what is left out is not sent. Returns '' or '?…'. */
export function encodeQuery<Q extends QueryShape>(shape: Q, query: Partial<QueryOf<Q>>): string {
  const search = new URLSearchParams();
  for (const [name, field] of Object.entries(shape)) {
    const value = query[name];
    if (value === undefined) continue;
    for (const one of field.encode(value)) search.append(name, one);
  }
  const encoded = search.toString();
  return encoded === '' ? '' : `?${encoded}`;
}
