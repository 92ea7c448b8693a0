import type { BuildFinding, ProgressMessage } from '@davit/api';

/** A step as it is shown. */
export interface StepInfo {
  /** From 0, over all stages. */
  index: number;
  /** Name or number of its stage; empty before the first. */
  stage: string;
  text: string;
  line: number;
}

/** What became of a step. */
export interface StepResult {
  /** ID of the image as it is now; empty for none. */
  id: string;
  cached: boolean;
  /** Bytes that it added. */
  size: number;
}

/** Why a step failed. */
export interface StepFailure {
  message: string;
  /** File, line and column of the instruction, and the lines around it with a mark. */
  excerpt: string;
}

/** Told of one step as it goes on. Resolves when more can be taken. */
export interface StepProgress {
  start(): Promise<void>;
  /** It waits for another stage, by its name or number. */
  wait(stage: string): void;
  /** What it waited for is there: the work itself begins. */
  ready(): void;
  /** A line for people, without the line feed. */
  say(line: string): Promise<void>;
  /** How a download goes on. */
  message(message: ProgressMessage): Promise<void>;
  output(stream: 1 | 2, text: string): Promise<void>;
  end(result: StepResult): Promise<void>;
  fail(failure: StepFailure): Promise<void>;
}

/** Told of a whole build. Steps of a lane come one after the other, those of several lanes mix. */
export interface BuildProgress {
  begin(steps: readonly StepInfo[]): Promise<void>;
  step(lane: number, info: StepInfo): StepProgress;
  /** Nothing more comes in this lane; `id` is the image that it made. */
  closeLane(lane: number, id: string): Promise<void>;
  warn(message: string): Promise<void>;
  /** Tells what the build checks have found. */
  findings(findings: BuildFinding[]): Promise<void>;
  finish(id: string, names: readonly string[]): Promise<void>;
  /** Tells why there is no image; `code` is that of a command that failed, else 0. */
  fail(failure: { message: string; code: number }): Promise<void>;
}

export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
