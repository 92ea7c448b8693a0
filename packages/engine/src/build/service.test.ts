import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import { schema as historySchema } from '../state/buildhistory.ts';
import { schema } from '../state/builds.ts';
import { openDatabase } from '../state/database.ts';
import { schema as imageSchema } from '../state/images.ts';
import type { BuildOptions } from './build.ts';
import { noInputs } from './inputs.ts';
import { type BuildServiceDependencies, createBuildService } from './service.ts';
import { createTranscript } from './transcript.ts';

const base = mkdtempSync(`${tmpdir()}/davit-builds-`);
afterAll(() => rmSync(base, { recursive: true }));

function serviceIn(folder: string, done: () => Promise<void> = async () => undefined) {
  const database = openDatabase(join(folder, 'state'), [schema, historySchema, imageSchema]);
  const dependencies: Partial<BuildServiceDependencies> = {
    ...{ dataRoot: folder, execRoot: join(folder, 'run'), database },
    settings: {
      collects: false,
      history: { maxAge: 1, maxEntries: 1 },
    } as BuildServiceDependencies['settings'],
    images: {
      holdLayers: () => ({ held: () => undefined, done }),
      dropLayers: async () => 0,
    } as Partial<BuildServiceDependencies['images']> as BuildServiceDependencies['images'],
  };
  return { service: createBuildService(dependencies as BuildServiceDependencies), database };
}

const plainOptions = () =>
  ({
    ...{ remote: '', known: null, dockerfile: '', names: [], target: '', inputs: noInputs() },
  }) as Partial<BuildOptions> as BuildOptions;

const workIn = (folder: string) => {
  const work = join(folder, 'build', 'work');
  return existsSync(work) && readdirSync(work);
};

test('what cannot be cleaned up after a build is not what the build ends with', async () => {
  setLogLevel('fatal');
  let isDone = false;
  const broken = async () => {
    isDone = true;
    throw new Error('no space left on device');
  };
  const { service, database } = serviceIn(base, broken);
  const send = () => Promise.resolve();
  async function* context() {
    yield Buffer.alloc(1024);
  }
  const build = service.build(
    context(),
    plainOptions(),
    createTranscript(send, false),
    new AbortController().signal,
  );
  await expect(build).rejects.toThrow('Cannot locate specified Dockerfile');
  expect(isDone).toBe(true);
  expect(workIn(base)).toEqual([]);
  await service.close();
  database.close();
});

test.each(['build', 'check'] as const)(
  'a %s whose context never comes ends with the service',
  async (what) => {
    setLogLevel('fatal');
    const folder = join(base, `stalled-${what}`);
    mkdirSync(folder);
    const { service, database } = serviceIn(folder);
    const asked = Promise.withResolvers<void>();
    async function* context(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(512);
      asked.resolve();
      await new Promise(() => undefined);
    }
    const { signal } = new AbortController();
    const transcript = createTranscript(() => Promise.resolve(), false);
    const ended =
      what === 'build'
        ? service.build(context(), plainOptions(), transcript, signal)
        : service.check(context(), { ...plainOptions(), contexts: new Set() }, signal);
    const refused = expect(ended).rejects.toThrow('the engine is being stopped');
    await asked.promise;
    await service.close();
    // Nothing of it is left to be done.
    expect(workIn(folder)).toEqual([]);
    await refused;
    database.close();
  },
);
