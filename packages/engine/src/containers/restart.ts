import type { HostConfig } from '@davit/api';

const shortest = 100;
const longest = 60_000;
/** A container that ran for this long is taken to have run well. */
const ranWell = 10_000;

export interface Ending {
  policy: HostConfig['RestartPolicy'];
  exitCode: number;
  /** Restarts so far. */
  restartCount: number;
  stoppedByHand: boolean;
}

/** Whether a restart policy starts a container again that ended by itself, or with the machine. */
export function wantsRestart({ policy, exitCode, restartCount, stoppedByHand }: Ending): boolean {
  switch (policy.Name) {
    case 'always':
      return true;
    case 'unless-stopped':
      return !stoppedByHand;
    case 'on-failure':
      return (
        exitCode !== 0 &&
        !stoppedByHand &&
        (policy.MaximumRetryCount === 0 || restartCount < policy.MaximumRetryCount)
      );
    default:
      return false;
  }
}

/** Milliseconds to wait before a restart: twice the last wait, unless the container ran well meanwhile. */
export function nextBackOff(last: number, ranFor: number): number {
  if (last === 0 || ranFor >= ranWell) return shortest;
  return Math.min(last * 2, longest);
}
