import type { ProgressMessage, Task } from '@davit/api';
import { isBehind, isKnown, isRunning, mostBars, overall, taskLine } from './states.ts';
import type { Updater } from './updater.ts';

function bySlot(tasks: readonly Task[], activeNodes: ReadonlySet<string>): Map<number, Task> {
  const slots = new Map<number, Task>();
  for (const task of tasks) {
    if (!isKnown(task)) continue;
    const slot = task.Slot ?? 0;
    const other = slots.get(slot);
    if (other && !isBehind(task, other)) continue;
    if (task.NodeID && !activeNodes.has(task.NodeID)) continue;
    slots.set(slot, task);
  }
  return slots;
}

/** Follows a service with a number of tasks: it has converged when as many run. */
export function createReplicatedUpdater(): Updater {
  const lines = new Map<number, number>();
  let begun = false;
  let done = false;

  return ({ service, tasks, activeNodes, rollback }) => {
    const replicas = service.Spec.Mode?.Replicated?.Replicas ?? 0;
    const messages: ProgressMessage[] = [];
    if (!begun) {
      begun = true;
      messages.push(overall(0, replicas, rollback));
      for (let line = 1; line <= replicas && replicas <= mostBars; line++) {
        messages.push({ id: `${line}/${replicas}`, status: ' ', progressDetail: {} });
      }
    }
    const slots = bySlot(tasks, activeNodes);
    if (done) done = [...slots.values()].every(({ Status }) => Status.State === 'running');
    for (const [slot, task] of slots) {
      const line = lines.get(slot) ?? lines.size + 1;
      lines.set(slot, line);
      if (done || replicas > mostBars || line > replicas) continue;
      const message = taskLine(task, { id: `${line}/${replicas}`, rollback });
      if (message) messages.push(message);
    }
    const running = [...slots.values()].filter(isRunning).length;
    if (!done) {
      messages.push(overall(running, replicas, rollback));
      done = running === replicas;
    }
    return { messages, converged: running === replicas };
  };
}
