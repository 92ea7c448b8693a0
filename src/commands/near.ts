/** Names that are shown at most. */
const most = 3;

/** The names that someone may have meant who typed another one, the nearest first; case does not count. */
export function nearNames(typed: string, names: Iterable<string>): string[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return [];
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const near = [...new Set(names)].flatMap((name) => {
    const other = name.toLowerCase();
    const distance = distanceBetween(wanted, other);
    const begins = wanted.length > 1 && (other.startsWith(wanted) || wanted.startsWith(`${other}-`));
    return distance <= allowed || begins
      ? [{ name, distance: begins ? Math.min(distance, 1) : distance }]
      : [];
  });
  near.sort((first, second) => first.distance - second.distance || (first.name < second.name ? -1 : 1));
  return near.slice(0, most).map(({ name }) => name);
}

/** How many letters must be added, dropped, replaced or swapped with the next to turn one text into the other. */
function distanceBetween(first: string, second: string): number {
  let before: number[] = [];
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let at = 1; at <= first.length; at++) {
    const next = [at];
    for (let to = 1; to <= second.length; to++) {
      const same = first[at - 1] === second[to - 1];
      const swapped =
        at > 1 && to > 1 && first[at - 1] === second[to - 2] && first[at - 2] === second[to - 1];
      next.push(
        Math.min(
          (row[to] ?? 0) + 1,
          (next[to - 1] ?? 0) + 1,
          (row[to - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[to - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row[second.length] ?? 0;
}

/** `Did you mean …?` with these names; empty when there are none. */
export function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return '';
  const last = names.at(-1);
  const all = names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
  return `Did you mean ${all}?`;
}
