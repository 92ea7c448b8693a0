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
});
