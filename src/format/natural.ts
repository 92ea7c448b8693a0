/** Orders texts by their characters, but numbers in them by their size: `80/tcp` before `443/tcp`. */
export function compareNaturally(one: string, other: string): number {
  const first = one.match(/\d+|\D/g) ?? [];
  const second = other.match(/\d+|\D/g) ?? [];
  for (const [index, part] of first.entries()) {
    const against = second[index];
    if (against === undefined) return 1;
    if (part === against) continue;
    const bothNumbers = /\d/.test(part) && /\d/.test(against);
    if (bothNumbers && Number(part) !== Number(against)) return Number(part) - Number(against);
    return part < against ? -1 : 1;
  }
  return first.length - second.length;
}
