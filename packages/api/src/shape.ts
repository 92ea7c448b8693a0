/**
 * Decoders for JSON bodies that behave as Go's encoding/json does with dockerd's structs: what is missing or
 * null becomes the zero value, unknown keys are ignored, the case of a key does not matter, a value of the wrong type is refused by its path.
 */
export type Shape<T> = (value: unknown, path: string) => T;

/** The type that a shape decodes to. */
export type Decoded<S> = S extends Shape<infer T> ? T : never;

/** A body that does not have the shape it should have; `message` names the offending field. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function refuse(value: unknown, path: string, wanted: string): never {
  throw new ShapeError(
    `json: cannot unmarshal ${describe(value)} into field ${path || 'body'} of type ${wanted}`,
  );
}

export const string: Shape<string> = (value, path) => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : refuse(value, path, 'string');
};

export const boolean: Shape<boolean> = (value, path) => {
  if (value === undefined || value === null) return false;
  return typeof value === 'boolean' ? value : refuse(value, path, 'bool');
};

export const integer: Shape<number> = (value, path) => {
  if (value === undefined || value === null) return 0;
  return Number.isSafeInteger(value) ? (value as number) : refuse(value, path, 'int64');
};

/** An object whose only meaning is that its key is there, as in `ExposedPorts`. */
export const empty: Shape<Record<string, never>> = (value, path) => {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value) ? {} : refuse(value, path, 'struct');
};

/** A pointer in Go: missing stays null. */
export function optional<T>(inner: Shape<T>): Shape<T | null> {
  return (value, path) => (value === undefined || value === null ? null : inner(value, path));
}

export function list<T>(inner: Shape<T>): Shape<T[] | null> {
  return (value, path) => {
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) refuse(value, path, '[]');
    return value.map((item, index) => inner(item, `${path}[${index}]`));
  };
}

/** A command as docker's clients may write it: a list of words, or one string that stands for a list of one. */
export const words: Shape<string[] | null> = (value, path) =>
  typeof value === 'string' ? [value] : list(string)(value, path);

export function map<T>(inner: Shape<T>): Shape<Record<string, T> | null> {
  return (value, path) => {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) refuse(value, path, 'map');
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, inner(item, `${path}.${key}`)]),
    );
  };
}

type Fields = Record<string, Shape<unknown>>;
type Struct<F extends Fields> = { [K in keyof F]: Decoded<F[K]> };

export function object<F extends Fields>(fields: F): Shape<Struct<F>> {
  const entries = Object.entries(fields);
  const folded = new Map(Object.keys(fields).map((field) => [field.toLowerCase(), field]));
  return (value, path) => {
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      refuse(value, path, 'struct');
    }
    const source: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value ?? {})) {
      const field = Object.hasOwn(fields, key) ? key : folded.get(key.toLowerCase());
      if (field !== undefined) source[field] = item;
    }
    const pairs = entries.map(([key, inner]) => [key, inner(source[key], path ? `${path}.${key}` : key)]);
    return Object.fromEntries(pairs) as Struct<F>;
  };
}

/** A struct that carries all fields of two shapes on one level, as Go's embedded structs do. */
export function merged<A, B>(first: Shape<A>, second: Shape<B>): Shape<A & B> {
  return (value, path) => ({ ...first(value, path), ...second(value, path) });
}

/** The zero value of a shape: every number 0, every text empty, every list null. */
export function zero<T>(shape: Shape<T>): T {
  return shape(undefined, '');
}
