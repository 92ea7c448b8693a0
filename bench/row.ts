import type { Tool } from './tool.ts';

/** One thing that is measured. */
export interface Row {
  readonly key: string;
  readonly title: string;
  /** What davit wants to be, as a ratio to docker. */
  readonly aim: number;
  /** What davit wants to be, as a ratio to a bare `node -e 0`, which is measured beside it. */
  readonly aimToNode?: number;
  /** Megabytes instead of seconds. */
  readonly unit?: 'MB';
  /** Fewer rounds than asked for, for what takes long. */
  readonly mostRounds?: number;
  /** Is run once before the rounds; what it makes has the row's key in its name. */
  prepare?(tool: Tool): Promise<unknown>;
  measure(tool: Tool, round: number): Promise<number>;
  cleanUp?(tool: Tool): Promise<unknown>;
}
