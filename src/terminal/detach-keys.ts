/** The keys that leave a terminal while its container runs on, unless others are chosen. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** Reads keys such as `ctrl-p,ctrl-q` or `ctrl-a,d`; null when they cannot be understood. */
export function parseDetachKeys(text: string): number[] | null {
  const codes = text.split(',').map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const [, letter] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
    return letter === undefined ? null : letter.toUpperCase().charCodeAt(0) - 64;
  });
  return codes.every((code) => code !== null) ? codes : null;
}

/** What a piece of typed input comes to: bytes that go on, and whether the keys are complete with it. */
export interface Typed {
  bytes: Uint8Array;
  detached: boolean;
}

/** Watches typed input for the detach keys. The beginning of them is held back until it is clear what it is. */
export function createDetachWatcher(keys: number[]): (typed: Uint8Array) => Typed {
  let matched = 0;
  return (typed) => {
    const bytes: number[] = [];
    for (const byte of typed) {
      if (byte !== keys[matched]) {
        bytes.push(...keys.slice(0, matched));
        matched = 0;
      }
      if (byte !== keys[matched]) bytes.push(byte);
      else {
        matched += 1;
        if (matched === keys.length) return { bytes: Uint8Array.from(bytes), detached: true };
      }
    }
    return { bytes: Uint8Array.from(bytes), detached: false };
  };
}
