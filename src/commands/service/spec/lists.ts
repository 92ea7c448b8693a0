/** A map without the keys that are removed, and with the pairs that are set; the pairs win. */
export function changeMap(
  before: Readonly<Record<string, string>> | null | undefined,
  set: readonly [string, string][],
  removed: readonly string[],
): Record<string, string> {
  const left = Object.entries(before ?? {}).filter(([key]) => !removed.includes(key));
  return { ...Object.fromEntries(left), ...Object.fromEntries(set) };
}

/** Texts in order, without those that are removed, and with those that are added. */
export function changeSet(
  before: readonly string[] | null | undefined,
  added: readonly string[],
  removed: readonly string[],
): string[] {
  const left = (before ?? []).filter((one) => !removed.includes(one));
  return [...new Set([...left, ...added])].sort();
}

/** Items that are known by a key, without those that are removed, and with others in the place of their like. */
export function changeKeyed<T>(
  before: readonly T[] | null | undefined,
  keyOf: (item: T) => string,
  added: readonly T[],
  removed: readonly string[],
): T[] {
  const left = (before ?? []).filter((item) => !removed.includes(keyOf(item)));
  const all = new Map(left.map((item) => [keyOf(item), item]));
  for (const item of added) all.set(keyOf(item), item);
  return [...all.values()];
}
