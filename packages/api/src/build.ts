import type { ProgressMessage } from './jsonlines.ts';
import { list, map, object, string } from './shape.ts';

/** How a build stands: `running`, or how it ended. */
export type BuildStatus = 'running' | 'completed' | 'failed' | 'canceled';

/** What became of a step; `waiting` for one whose turn never came. */
export type BuildStepStatus = 'cached' | 'completed' | 'failed' | 'canceled' | 'waiting';

/** One build in GET /davit/builds. */
export interface BuildSummary {
  ID: string;
  /** Names that were asked for the image, as they were given. */
  Names: string[];
  /** Stage that was asked for; empty for the last. */
  Target: string;
  /** Path of the Dockerfile in the context. */
  Dockerfile: string;
  Status: BuildStatus;
  /** Why there is no image; empty when there is one. */
  Error: string;
  /** ID of the image; empty when there is none. */
  Image: string;
  /** RFC 3339. */
  StartedAt: string;
  Seconds: number;
  Steps: number;
  CachedSteps: number;
}

/** One step of a build. */
export interface BuildStep {
  /** From 1, over all stages; 0 is the sending of the context. */
  Number: number;
  /** Name or number of the stage; empty for what belongs to none. */
  Stage: string;
  Instruction: string;
  /** Line of the Dockerfile, from 1; 0 for none. */
  Line: number;
  Status: BuildStepStatus;
  /** Seconds after the build began. */
  StartedAfter: number;
  Seconds: number;
  /** What it added to the image, or the size of the context. */
  Bytes: number;
}

/** The answer to GET /davit/builds/{id}. */
export interface BuildInspect extends BuildSummary {
  BuildSteps: BuildStep[];
}

/** A step as it is announced before a build begins. */
export type BuildPlanStep = Pick<BuildStep, 'Number' | 'Stage' | 'Instruction' | 'Line'>;

/** Why a build has no image: the step that failed first, told before the error itself. */
export interface BuildFailure extends BuildPlanStep {
  Event: 'failure';
  Message: string;
  /** File, line and column of the instruction, and the lines around it with a mark. */
  Excerpt: string;
  /** The last lines that the step printed. */
  Output: string[];
}

/** What a build check has found. */
export interface BuildFinding {
  /** Name of the check, as docker has it. */
  Rule: string;
  /** What is the matter, in general, and here. */
  Summary: string;
  Message: string;
  /** Lines of the Dockerfile, from 1. */
  Line: number;
  EndLine: number;
  /** File, line and column, and the lines around it with a mark. */
  Excerpt: string;
}

/**
 * A line of the body of POST /davit/build-contexts: path in the context, kind (file, folder, link), mode, seconds of
 * its last change, bytes, and SHA-256 of a file's content in hexadecimal digits or what a link leads to.
 */
export type BuildContextLine = [
  path: string,
  kind: 'f' | 'd' | 'l',
  mode: number,
  mtime: number,
  size: number,
  value: string,
];

/** The answer to POST /davit/build-contexts. */
export interface BuildContextAnswer {
  ID: string;
  /** Which lines are files whose content is not there, from 0. */
  Missing: number[];
}

/** The answer to POST /davit/build-check. */
export interface BuildCheck {
  Findings: BuildFinding[];
}

/**
 * What davit's engine tells of a build besides docker's messages, as `aux.Build` of a message. `Step` is the number
 * of a step, from 1. A step starts, may wait for a stage, is ready when what it needs is there, and ends unless it fails or the build
 * is broken off.
 */
export type BuildReport =
  | BuildFailure
  | { Event: 'plan'; Steps: BuildPlanStep[] }
  | { Event: 'start' | 'ready'; Step: number }
  | { Event: 'wait'; Step: number; Stage: string }
  | { Event: 'say'; Step: number; Text: string }
  | { Event: 'output'; Step: number; Stream: 1 | 2; Text: string }
  | { Event: 'download'; Step: number; Message: ProgressMessage }
  | { Event: 'end'; Step: number; Cached: boolean; Bytes: number }
  | { Event: 'findings'; Findings: BuildFinding[] }
  | { Event: 'warning'; Text: string }
  | { Event: 'image'; ID: string; Names: string[] };

/** The report in a message's `aux`; null when that is something else. */
export function buildReportIn(aux: unknown): BuildReport | null {
  if (typeof aux !== 'object' || aux === null || !('Build' in aux)) return null;
  return aux.Build as BuildReport;
}

/** The body of POST /davit/build-inputs: what the classic request to build has no field for. */
export const buildInputsBody = object({
  /** Contents in base64, by ID. */
  Secrets: map(string),
  /** IDs of SSH agents that the client connects. */
  Agents: list(string),
  /** Images that stand for names, as `docker-image://name`. */
  Images: map(string),
  /** Names of contexts that are sent. */
  Contexts: list(string),
  /** Stages that are built anew. */
  NoCacheStages: list(string),
  /** Entitlements: `network.host`, `security.insecure`. */
  Allowed: list(string),
  /** `registry` with the name of an image, or `local` with that of an OCI image layout that is sent as a context. */
  CacheFrom: list(object({ Type: string, Ref: string })),
  /** `registry` with a name, `local` with the name by which it is asked for, `inline`; mode `min` or `max`. */
  CacheTo: list(object({ Type: string, Ref: string, Mode: string })),
});
