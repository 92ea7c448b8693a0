import { mkdir, symlink } from 'node:fs/promises';
import { type ClientName, clientEnvironment, programPath } from '../support/client.ts';
import { type Result, run } from '../support/command.ts';
import { loadBusybox, removeContainers } from '../support/contents.ts';
import { createEngine, type Engine, type EngineKind } from '../support/engine.ts';
import type { Lane } from './lanes.ts';
import { normaliser } from './normalise.ts';

/** A client and an engine of its own. */
export interface Side {
  readonly client: ClientName;
  readonly engine: EngineKind;
  start(): Promise<void>;
  /** Types the lines of a lane one after the other; what comes back is normalised. */
  type(lane: Lane): Promise<Result[]>;
  stop(): Promise<void>;
}

/** How many lanes of a side run at once: davit starts more slowly than docker, and all sides are to end together. */
const widths: Record<ClientName, number> = { davit: 5, docker: 2 };

/** Describes a side; it is there when it was started. */
export async function createSide(client: ClientName, kind: EngineKind): Promise<Side> {
  const engine = await createEngine(kind);
  const programs = `${engine.directory}/programs`;
  return {
    client,
    engine: kind,
    async start() {
      // Both clients are called by the same name, as by somebody whose fingers know only this.
      await mkdir(programs);
      await symlink(await programPath(client), `${programs}/docker`);
      await engine.start();
      await loadBusybox(engine);
    },
    type: (lane) => typeLane(lane, engine, programs),
    async stop() {
      await removeContainers(engine);
      await engine.stop();
      await engine.discard();
    },
  };
}

async function typeLane({ name, lines }: Lane, engine: Engine, programs: string): Promise<Result[]> {
  const here = `${engine.directory}/lanes/${name}`;
  await mkdir(here, { recursive: true });
  const env = clientEnvironment(engine);
  const normalise = normaliser({ here, engine: engine.directory });
  const results: Result[] = [];
  for (const line of lines) {
    const { code, stdout, stderr } = await run('sh', ['-c', line], {
      cwd: here,
      env: { ...env, PATH: `${programs}:${env.PATH}`, DOCKER_BUILDKIT: '0' },
    });
    results.push({ code, stdout: normalise(stdout), stderr: normalise(stderr) });
  }
  return results;
}

/** Types all lanes at a side, a few at once; the answers by lane. */
export async function typeAll(side: Side, lanes: readonly Lane[]): Promise<Map<string, Result[]>> {
  const answers = new Map<string, Result[]>();
  // The long ones first, so that none is left alone at the end.
  const waiting = [...lanes].sort((a, b) => b.lines.length - a.lines.length);
  const worker = async () => {
    for (let lane = waiting.shift(); lane; lane = waiting.shift())
      answers.set(lane.name, await side.type(lane));
  };
  await Promise.all(Array.from({ length: widths[side.client] }, worker));
  return answers;
}
