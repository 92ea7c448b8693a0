import type { ProgressMessage, Service, Task } from '@davit/api';

/** What managers know of a service at one moment. */
export interface Snapshot {
  service: Service;
  /** Those of the newest version of the service. */
  tasks: readonly Task[];
  /** IDs of the nodes that are up. */
  activeNodes: ReadonlySet<string>;
  rollback: boolean;
}

export interface Step {
  messages: ProgressMessage[];
  converged: boolean;
}

/** Follows one service from snapshot to snapshot. */
export type Updater = (snapshot: Snapshot) => Step;
