import { EngineError } from '../errors.ts';

const controls = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** What docker takes when nobody says otherwise: ctrl-p,ctrl-q. */
export const defaultDetachKeys = Buffer.from([16, 17]);

/** Reads keys as in `ctrl-p,ctrl-q` or `a,ctrl-\,DEL`; an empty text means the default ones. */
export function parseDetachKeys(text: string): Buffer {
  if (text === '') return defaultDetachKeys;
  const codes = text.split(',').map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    if (key === 'DEL') return 127;
    const control = /^ctrl-(.)$/.exec(key)?.[1] ?? '';
    return control === '' ? -1 : controls.indexOf(control);
  });
  if (codes.some((code) => code < 0 || code > 127)) {
    throw new EngineError('badParameter', `Invalid detach keys (${text}) provided`);
  }
  return Buffer.from(codes);
}

export interface DetachFilter {
  /** What of the typed bytes is for the container, and whether the keys were typed: then nothing follows. */
  feed(bytes: Buffer): { input: Buffer; detached: boolean };
}

/** Watches what is typed for a sequence of keys, which is held back while it may still become whole. */
export function createDetachFilter(keys: Buffer): DetachFilter {
  let held = 0;
  return {
    feed(bytes) {
      const typed = held === 0 ? bytes : Buffer.concat([keys.subarray(0, held), bytes]);
      const at = typed.indexOf(keys);
      if (at >= 0) return { input: typed.subarray(0, at), detached: true };
      held = Math.min(keys.length - 1, typed.length);
      while (held > 0 && !typed.subarray(typed.length - held).equals(keys.subarray(0, held))) held--;
      return { input: typed.subarray(0, typed.length - held), detached: false };
    },
  };
}
