import type { BuildStatus, BuildStep, BuildStepStatus, BuildSummary } from '@davit/api';
import type { Database, Schema } from './database.ts';

/** The builds that were, with their steps. */
export interface BuildHistory {
  /** Notes that a build has begun. */
  begin(build: BuildSummary): void;
  /** Notes how it ended, and forgets the builds that are too many, or began before `oldest` (RFC 3339). */
  end(build: BuildSummary, steps: readonly BuildStep[], limits: { most: number; oldest: string }): void;
  /** All, the latest first. */
  all(): BuildSummary[];
  /** Those whose ID begins with this: no more than two, as two are too many already. */
  find(prefix: string): BuildSummary[];
  stepsOf(id: string): BuildStep[];
  /** Ends in the books the builds whose engine was killed. */
  endAll(status: BuildStatus): void;
}

export const schema: Schema = {
  name: 'build_history',
  migrations: [
    `CREATE TABLE builds (
       number INTEGER PRIMARY KEY,
       id TEXT NOT NULL UNIQUE,
       names TEXT NOT NULL,
       target TEXT NOT NULL,
       dockerfile TEXT NOT NULL,
       status TEXT NOT NULL,
       error TEXT NOT NULL,
       image TEXT NOT NULL,
       started TEXT NOT NULL,
       seconds REAL NOT NULL,
       steps INTEGER NOT NULL,
       cached INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE build_steps (
       build INTEGER NOT NULL REFERENCES builds ON DELETE CASCADE,
       number INTEGER NOT NULL,
       stage TEXT NOT NULL,
       instruction TEXT NOT NULL,
       line INTEGER NOT NULL,
       status TEXT NOT NULL,
       started REAL NOT NULL,
       seconds REAL NOT NULL,
       bytes INTEGER NOT NULL,
       PRIMARY KEY (build, number)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

/** Steps of a build that are kept. */
const mostSteps = 2000;

/** The history of builds in the engine's database. */
export function createBuildHistory({ sqlite, transaction }: Database): BuildHistory {
  const insert = sqlite.prepare(
    'INSERT INTO builds (id, names, target, dockerfile, status, error, image, started, seconds, steps, cached) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const update = sqlite.prepare(
    'UPDATE builds SET status = ?, error = ?, image = ?, seconds = ?, steps = ?, cached = ? WHERE id = ?',
  );
  const insertStep = sqlite.prepare(
    'INSERT INTO build_steps SELECT number, ?, ?, ?, ?, ?, ?, ?, ? FROM builds WHERE id = ?',
  );
  const forget = sqlite.prepare(
    `DELETE FROM builds WHERE status != 'running' AND
       (started < ? OR number NOT IN (SELECT number FROM builds ORDER BY number DESC LIMIT ?))`,
  );
  const selectAll = sqlite.prepare('SELECT * FROM builds ORDER BY number DESC');
  const selectSome = sqlite.prepare('SELECT * FROM builds WHERE id >= ? AND id < ? LIMIT 2');
  const selectSteps = sqlite.prepare(
    `SELECT build_steps.* FROM build_steps JOIN builds ON builds.number = build WHERE id = ?
       ORDER BY build_steps.number`,
  );
  const endAll = sqlite.prepare("UPDATE builds SET status = ? WHERE status = 'running'");

  return {
    begin({ ID, Names, Target, Dockerfile, Status, StartedAt }) {
      insert.run(ID, JSON.stringify(Names), Target, Dockerfile, Status, '', '', StartedAt, 0, 0, 0);
    },
    end: ({ ID, Status, Error: error, Image, Seconds, Steps, CachedSteps }, steps, { most, oldest }) =>
      transaction(() => {
        update.run(Status, error, Image, Seconds, Steps, CachedSteps, ID);
        for (const step of steps.slice(0, mostSteps)) {
          const { Number: number, Stage, Instruction, Line, Status: status } = step;
          const { StartedAfter, Seconds: seconds, Bytes } = step;
          insertStep.run(number, Stage, Instruction, Line, status, StartedAfter, seconds, Bytes, ID);
        }
        forget.run(oldest, most);
      }),
    all: () => selectAll.all().map(buildOf),
    find: (prefix) => selectSome.all(prefix, `${prefix}g`).map(buildOf),
    stepsOf: (id) => selectSteps.all(id).map(stepOf),
    endAll: (status) => void endAll.run(status),
  };
}

function buildOf(row: Record<string, unknown>): BuildSummary {
  return {
    ID: String(row.id),
    Names: JSON.parse(String(row.names)) as string[],
    Target: String(row.target),
    Dockerfile: String(row.dockerfile),
    Status: row.status as BuildStatus,
    Error: String(row.error),
    Image: String(row.image),
    StartedAt: String(row.started),
    Seconds: Number(row.seconds),
    Steps: Number(row.steps),
    CachedSteps: Number(row.cached),
  };
}

function stepOf(row: Record<string, unknown>): BuildStep {
  return {
    Number: Number(row.number),
    Stage: String(row.stage),
    Instruction: String(row.instruction),
    Line: Number(row.line),
    Status: row.status as BuildStepStatus,
    StartedAfter: Number(row.started),
    Seconds: Number(row.seconds),
    Bytes: Number(row.bytes),
  };
}
