import { flag } from '../../flag.ts';
import { ratio, unsigned } from './kinds.ts';

const group = { group: 'Placement and rollout' };

/** How many tasks there are, how they are started again, and how they are exchanged for new ones. */
export const rolloutFlags = {
  replicas: unsigned({ value: 'number', summary: 'Number of tasks', ...group }),
  replicasMaxPerNode: unsigned({
    value: 'number',
    summary: 'Most tasks on one node',
    since: '1.40',
    ...group,
  }),
  maxConcurrent: unsigned({
    value: 'number',
    summary: 'Tasks of a job that run at once (as many as --replicas)',
    since: '1.41',
    ...group,
  }),
  restartCondition: flag.string({
    summary: 'When tasks are started again: none, on-failure or any',
    choices: ['none', 'on-failure', 'any'],
    ...group,
  }),
  restartDelay: flag.duration({ value: 'time', summary: 'Time before that (5s)', ...group }),
  restartMaxAttempts: unsigned({ value: 'number', summary: 'How often at most', ...group }),
  restartWindow: flag.duration({
    value: 'time',
    summary: 'Time in which attempts are counted',
    ...group,
  }),
  updateParallelism: unsigned({
    value: 'number',
    summary: 'Tasks that are updated at once, 0 for all (1)',
    ...group,
  }),
  updateDelay: flag.duration({ value: 'time', summary: 'Time between updates (0s)', ...group }),
  updateMonitor: flag.duration({
    value: 'time',
    summary: 'Time in which a new task must not fail (5s)',
    ...group,
  }),
  updateFailureAction: flag.string({
    summary: 'What follows failures: pause, continue or rollback (pause)',
    choices: ['pause', 'continue', 'rollback'],
    ...group,
  }),
  updateMaxFailureRatio: ratio({ value: '0..1', summary: 'Part that may fail (0)', ...group }),
  updateOrder: flag.string({
    summary: 'Order of an update: start-first or stop-first (stop-first)',
    choices: ['start-first', 'stop-first'],
    since: '1.29',
    ...group,
  }),
  rollbackParallelism: unsigned({
    value: 'number',
    summary: 'Tasks that are rolled back at once, 0 for all (1)',
    since: '1.28',
    ...group,
  }),
  rollbackDelay: flag.duration({
    value: 'time',
    summary: 'Time between rollbacks (0s)',
    since: '1.28',
    ...group,
  }),
  rollbackMonitor: flag.duration({
    value: 'time',
    summary: 'Time in which a task that was rolled back must not fail (5s)',
    since: '1.28',
    ...group,
  }),
  rollbackFailureAction: flag.string({
    summary: 'What follows failures: pause or continue (pause)',
    choices: ['pause', 'continue'],
    since: '1.28',
    ...group,
  }),
  rollbackMaxFailureRatio: ratio({
    value: '0..1',
    summary: 'Part that may fail in a rollback (0)',
    since: '1.28',
    ...group,
  }),
  rollbackOrder: flag.string({
    summary: 'Order of a rollback: start-first or stop-first (stop-first)',
    choices: ['start-first', 'stop-first'],
    since: '1.29',
    ...group,
  }),
};
