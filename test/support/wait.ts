import { readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';

/** Waits until `condition` gives something truthy, and returns it; fails after `deadline` milliseconds. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  what: string,
  deadline = 20_000,
): Promise<Exclude<T, false | null | undefined | '' | 0>> {
  const end = performance.now() + deadline;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined | '' | 0>;
    if (performance.now() > end) throw new Error(`waited ${deadline} ms in vain for ${what}`);
    await later(pause);
  }
}

/** Whether a process has ended, even if nobody has asked for its exit code. */
export function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}
