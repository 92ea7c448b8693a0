import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Client, type ClientName, clientFor } from './client.ts';
import { loadBusybox, removeContainers } from './contents.ts';
import { createEngine, type Engine, type EngineKind } from './engine.ts';
import { leaksOf } from './leaks.ts';

/**
 * The suite can be turned on the original, to prove the tests themselves:
 * `DAVIT_TEST_ENGINE=dockerd DAVIT_TEST_CLIENT=docker npm test -- test/run.test.ts`.
 */
const engineUnderTest = process.env.DAVIT_TEST_ENGINE === 'dockerd' ? 'dockerd' : 'davitd';
const clientUnderTest = process.env.DAVIT_TEST_CLIENT === 'docker' ? 'docker' : 'davit';

export const againstOriginal = {
  engine: engineUnderTest === 'dockerd',
  client: clientUnderTest === 'docker',
};

export interface UseEngine {
  engine?: EngineKind;
  client?: ClientName;
  /** More flags for the engine. */
  args?: string[];
  /** A command line that the engine is started by, as `nsenter` with its options. */
  inside?: string[];
}

/** IDs of all containers that the engine has ever made, as its own events tell. */
async function containersOf(engine: Engine): Promise<Set<string>> {
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create'] }));
  const { body } = await engine.request(
    'GET',
    `/events?since=0&until=${Math.ceil(Date.now() / 1000)}&filters=${filters}`,
  );
  const ids = body
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { Actor: { ID: string } }).Actor.ID);
  return new Set(ids);
}

/**
 * Starts an engine with the busybox image for the tests of a file. At their end all containers are removed, the
 * engine is stopped, and nothing of it may be left. When a test fails, the engine's log is shown.
 */
export async function useEngine(options: UseEngine = {}): Promise<{ engine: Engine; davit: Client }> {
  const engine = await createEngine(options.engine ?? engineUnderTest, options.args, options.inside);
  const davit = clientFor(options.client ?? clientUnderTest, engine);
  let logged = 0;
  beforeAll(async () => {
    await engine.start();
    await loadBusybox(engine);
  });
  afterEach(({ task }) => {
    const log = engine.log();
    if (task.result?.state === 'fail') {
      process.stderr.write(
        `--- ${engine.kind}'s log during "${task.name}"\n${log.slice(logged).slice(-8000)}\n`,
      );
    }
    logged = log.length;
  });
  afterAll(async () => {
    try {
      await removeContainers(engine);
      const containers = await containersOf(engine);
      await engine.stop();
      if (engine.kind === 'davitd') expect(await leaksOf(engine, containers)).toEqual([]);
    } finally {
      await engine.stop();
      await engine.discard();
    }
  });
  return { engine, davit };
}
