/** A list whose items are checked, and perhaps rewritten, one by one. */
export function checkedList(check: (text: string) => string) {
  return {
    type: 'list',
    default: [] as string[],
    parse: (text: string, all: string[]) => [...all, check(text)],
  };
}

/** A list of values that are more than texts. */
export function listOf<T>(type: string, read: (text: string) => T) {
  return { type, default: [] as T[], parse: (text: string, all: T[]) => [...all, read(text)] };
}
