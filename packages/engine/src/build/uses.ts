/** What one build has read of the cache. */
interface Use {
  readonly keys: ReadonlySet<string>;
  add(key: string): void;
  /** Nothing of it is used any more. */
  end(): void;
}

/** Which records of the cache are used by builds that are under way. */
export interface Uses {
  begin(): Use;
  isUsed(key: string): boolean;
}

export function createUses(): Uses {
  const uses = new Set<Set<string>>();
  return {
    begin() {
      const keys = new Set<string>();
      uses.add(keys);
      return { keys, add: (key) => void keys.add(key), end: () => void uses.delete(keys) };
    },
    isUsed: (key) => uses.values().some((keys) => keys.has(key)),
  };
}
