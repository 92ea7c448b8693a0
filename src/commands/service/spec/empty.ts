function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}

/**
 * An object without its members that say nothing, as docker's client leaves them out; those that are named in `keep`
 * stay unless they are undefined. Members of members are not touched.
 */
export function withoutEmpty<T extends object>(object: T, keep: readonly (keyof T)[] = []): T {
  const said = Object.entries(object).filter(
    ([key, value]) => value !== undefined && (keep.includes(key as keyof T) || !isEmpty(value)),
  );
  return Object.fromEntries(said) as T;
}
