import { readFileSync } from 'node:fs';

/** A process that is told apart from a later one with the same number by the time of its start. */
export interface ProcessIdentity {
  pid: number;
  /** In clock ticks since boot. */
  startTime: number;
}

/** The identity of a process that runs now, or null. One that has ended and is not yet waited for does not run. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return hasEnded(stat) ? null : { pid, startTime: parseStartTime(stat) };
  } catch {
    return null;
  }
}

/** Whether this very process is still there. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** Sends a signal to a process, if it is still there. */
export function sendSignal(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function hasEnded(stat: string): boolean {
  return 'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
}

/** Field 22 of /proc/<pid>/stat. The name of the program, field 2, may contain anything: it ends at the last `)`. */
export function parseStartTime(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[19]);
}
