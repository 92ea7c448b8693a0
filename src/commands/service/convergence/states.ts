import type { ProgressMessage, Task } from '@davit/api';

/** The states of a task, in the order in which it goes through them. */
const states = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
];
const stepsToRunning = states.indexOf('running') + 1;
const stepsToComplete = states.indexOf('complete') + 1;
const widest = Math.max(...states.map((state) => state.length));

/** Tasks of which each has a bar of its own; with more of them there is only the sum. */
export const mostBars = 20;

/** The number of a state in their order, from 1; 0 for one that is not known. */
export const numberOf = (state = ''): number => states.indexOf(state) + 1;

const hasEnded = (state: string | undefined) => numberOf(state) > stepsToRunning;

export const isKnown = ({ DesiredState, Status }: Task): boolean =>
  numberOf(DesiredState) > 0 && numberOf(Status.State) > 0;

export const isRunning = ({ DesiredState, Status }: Task): boolean =>
  !hasEnded(DesiredState) && Status.State === 'running';

/** Of two tasks in one place: whether the first is the one that counts, as it is to live longer or has come further. */
export function isBehind(task: Task, other: Task): boolean {
  const [wish, otherWish] = [numberOf(task.DesiredState), numberOf(other.DesiredState)];
  if (wish !== otherWish) return wish < otherWish;
  return numberOf(task.Status.State) > numberOf(other.Status.State);
}

/** The sum over all tasks. */
export function overall(done: number, all: number, rollback: boolean): ProgressMessage {
  const verb = rollback ? 'rolling back update: ' : '';
  return { id: 'overall progress', status: `${verb}${done} out of ${all} tasks`, progressDetail: {} };
}

/** What went wrong, on one line that is not too long. */
function shortError(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 75 ? `${line.slice(0, 74)}…` : line;
}

interface TaskLine {
  id: string;
  rollback?: boolean;
  /** Whether it is to come to an end, and not to run on. */
  job?: boolean;
}

/** How far one task is; null when there is nothing to say of it. */
export function taskLine(
  task: Task,
  { id, rollback = false, job = false }: TaskLine,
): ProgressMessage | null {
  const { State = '', Err = '' } = task.Status;
  if (Err !== '') return { id, status: shortError(Err), progressDetail: {} };
  if (!job && (hasEnded(task.DesiredState) || hasEnded(State))) return null;
  const steps = numberOf(State);
  return {
    id,
    status: State.padEnd(widest),
    progressDetail: {
      current: rollback ? stepsToRunning - steps : steps,
      total: job ? stepsToComplete : stepsToRunning,
      hidecounts: true,
    },
  };
}
