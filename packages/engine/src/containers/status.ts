import type { ContainerState } from '@davit/api';
import { type ContainerRecord, isRunning, type RecordedState } from '../state/containers.ts';
import { describeDuration, millisecondsSince, never } from './times.ts';

/** The state of a container that was just made. */
export function initialState(boot: string): RecordedState {
  return {
    status: 'created',
    pid: 0,
    boot,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: never,
    finishedAt: never,
    restartCount: 0,
    stoppedByHand: false,
    holdsResources: false,
  };
}

/** The STATUS column of `ps`: `Up 2 minutes`, `Exited (0) 3 seconds ago`. */
export function describeStatus(state: RecordedState, at: bigint): string {
  const since = (time: string) => describeDuration(millisecondsSince(time, at));
  switch (state.status) {
    case 'running':
      return `Up ${since(state.startedAt)}${describeHealth(state.health)}`;
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
    case 'exited':
      return state.finishedAt === never ? '' : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
  }
}

function describeHealth(health: RecordedState['health']): string {
  if (!health) return '';
  return ` (${health.status === 'starting' ? 'health: starting' : health.status})`;
}

/** The COMMAND column of `ps`, before it is cut: words with blanks are quoted. */
export function describeCommand({ path, args }: Pick<ContainerRecord, 'path' | 'args'>): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}

/** The State of a container's inspect. */
export function presentState(record: ContainerRecord): ContainerState {
  const { status, pid, exitCode, error, oomKilled, startedAt, finishedAt, health } = record.state;
  return {
    Status: status,
    Running: isRunning(record),
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: oomKilled,
    Dead: status === 'dead',
    Pid: pid,
    ExitCode: exitCode,
    Error: error,
    StartedAt: startedAt,
    FinishedAt: finishedAt,
    ...(health && {
      Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log },
    }),
  };
}
