import type { ProgressMessage, Service, Task } from '@davit/api';
import { isKnown, mostBars, numberOf, taskLine } from './states.ts';
import type { Updater } from './updater.ts';

const isOfRun = ({ JobStatus }: Service) => {
  const index = JobStatus?.JobIteration?.Index ?? 0;
  return (task: Task) => task.JobIteration !== undefined && (task.JobIteration.Index ?? 0) === index;
};

/** The tasks of one run by what `key` says of each; of several the one that is least far. */
function latest<K>(tasks: readonly Task[], key: (task: Task) => K): Map<K, Task> {
  const found = new Map<K, Task>();
  for (const task of tasks.filter(isKnown)) {
    const other = found.get(key(task));
    if (!other || numberOf(other.Status.State) > numberOf(task.Status.State)) found.set(key(task), task);
  }
  return found;
}

const isComplete = ({ Status }: Task) => Status.State === 'complete';

function jobProgress(done: number, all: number): ProgressMessage {
  const width = String(all).length;
  return {
    id: 'job progress',
    status: `${String(done).padStart(width)} out of ${all} complete`,
    progressDetail: { current: done, total: all, hidecounts: true },
  };
}

/** Follows a job with a number of tasks: it has converged when as many have come to their end. */
export function createReplicatedJobUpdater({ Spec }: Service): Updater {
  const { MaxConcurrent = 1, TotalCompletions = 1 } = Spec.Mode?.ReplicatedJob ?? {};
  const width = String(Math.min(MaxConcurrent, TotalCompletions)).length;
  let begun = false;

  const sums = (active: number, done: number): ProgressMessage[] => {
    const wanted = Math.min(TotalCompletions - done, MaxConcurrent);
    const pad = (count: number) => String(count).padStart(width);
    const status = `${pad(active)} out of ${pad(wanted)} tasks`;
    return [jobProgress(done, TotalCompletions), { id: 'active tasks', status, progressDetail: {} }];
  };
  const lineId = (slot: number) => `${slot + 1}/${TotalCompletions}`;

  return ({ service, tasks }) => {
    const messages: ProgressMessage[] = [];
    const hasBars = TotalCompletions <= mostBars;
    if (!begun) {
      begun = true;
      messages.push(...sums(0, 0));
      for (let slot = 0; slot < TotalCompletions && hasBars; slot++) {
        messages.push({ id: lineId(slot), status: ' ', progressDetail: {} });
      }
    }
    const ours = latest(tasks.filter(isOfRun(service)), ({ Slot = 0 }) => Slot);
    for (const [slot, task] of [...ours].sort(([one], [other]) => one - other)) {
      const message = hasBars ? taskLine(task, { id: lineId(slot), job: true }) : null;
      if (message) messages.push(message);
    }
    const all = [...ours.values()];
    const done = all.filter(isComplete).length;
    const active = all.filter(({ Status }) => numberOf(Status.State) < numberOf('complete')).length;
    messages.push(...sums(active, done));
    return { messages, converged: done === TotalCompletions };
  };
}

/** Follows a job with a task on each node. Nodes that come later do not count. */
export function createGlobalJobUpdater(): Updater {
  let nodes: ReadonlySet<string> | undefined;

  return ({ service, tasks, activeNodes }) => {
    const ours = tasks.filter(isOfRun(service));
    if (!nodes && ours.length === 0 && activeNodes.size > 0) {
      const waiting = { id: 'job progress', status: 'waiting for tasks', progressDetail: {} };
      return { messages: [waiting], converged: false };
    }
    const messages: ProgressMessage[] = [];
    if (!nodes) {
      nodes = new Set(ours.map(({ NodeID = '' }) => NodeID));
      messages.push(jobProgress(0, nodes.size));
    }
    const counted = nodes;
    const found = [...latest(ours, ({ NodeID = '' }) => NodeID)].filter(([node]) => counted.has(node));
    for (const [node, task] of found) {
      const message = counted.size > mostBars ? null : taskLine(task, { id: node, job: true });
      if (message) messages.push(message);
    }
    const done = found.filter(([, task]) => isComplete(task)).length;
    messages.push(jobProgress(done, counted.size));
    return { messages, converged: done === counted.size };
  };
}
