const all = 'ALL';
/** What takes all changes back, in updates. */
const reset = 'RESET';

function normalized(names: readonly string[]): Set<string> {
  return new Set(
    names.map((name) => {
      const upper = name.trim().toUpperCase();
      return upper === all || upper === reset || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    }),
  );
}

const listed = (names: Set<string>) => (names.has(all) ? [all] : [...names].sort());

/** Capabilities that are added and dropped; what is both is added. */
export function collectCapabilities(add: readonly string[], drop: readonly string[]) {
  const added = normalized(add);
  const dropped = normalized(drop).difference(added);
  added.delete(reset);
  dropped.delete(reset);
  return { CapabilityAdd: listed(added), CapabilityDrop: listed(dropped) };
}

interface Capabilities {
  CapabilityAdd?: string[] | null;
  CapabilityDrop?: string[] | null;
}

/**
 * A service's capabilities after a change: dropping what was added, or adding what was dropped, only takes that back.
 */
export function changeCapabilities(before: Capabilities, add: readonly string[], drop: readonly string[]) {
  const toAdd = normalized(add);
  const toDrop = normalized(drop);
  const added = normalized(toAdd.delete(reset) ? [] : (before.CapabilityAdd ?? []));
  const dropped = normalized(toDrop.delete(reset) ? [] : (before.CapabilityDrop ?? []));
  for (const name of toDrop.difference(toAdd)) if (!added.delete(name)) dropped.add(name);
  for (const name of toAdd) if (!dropped.delete(name)) added.add(name);
  return { CapabilityAdd: listed(added), CapabilityDrop: listed(dropped) };
}
