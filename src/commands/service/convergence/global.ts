import type { ProgressMessage, Task } from '@davit/api';
import { shortId } from '../../../format/text.ts';
import { isBehind, isKnown, isRunning, mostBars, overall, taskLine } from './states.ts';
import type { Updater } from './updater.ts';

function byNode(tasks: readonly Task[]): Map<string, Task> {
  const nodes = new Map<string, Task>();
  for (const task of tasks) {
    if (!isKnown(task) || !task.NodeID) continue;
    const other = nodes.get(task.NodeID);
    if (!other || isBehind(task, other)) nodes.set(task.NodeID, task);
  }
  return nodes;
}

/** Follows a service with a task on each node: it has converged when all of them run. */
export function createGlobalUpdater(): Updater {
  let begun = false;
  let done = false;

  return ({ tasks, activeNodes, rollback }) => {
    const nodes = byNode(tasks);
    const messages: ProgressMessage[] = [];
    if (!begun && nodes.size === 0) {
      const waiting = { id: 'overall progress', status: 'waiting for new tasks', progressDetail: {} };
      return { messages: [waiting], converged: false };
    }
    if (!begun) messages.push(overall(0, nodes.size, rollback));
    begun = true;
    if (done) done = [...nodes.values()].every(({ Status }) => Status.State === 'running');
    const active = [...nodes].filter(([node]) => activeNodes.has(node));
    for (const [node, task] of active) {
      if (done || nodes.size > mostBars) continue;
      const message = taskLine(task, { id: shortId(node), rollback });
      if (message) messages.push(message);
    }
    const running = active.filter(([, task]) => isRunning(task)).length;
    if (!done) {
      messages.push(overall(running, nodes.size, rollback));
      done = running === nodes.size;
    }
    return { messages, converged: running === nodes.size };
  };
}
