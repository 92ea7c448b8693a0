import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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

test('what cannot be cleaned up after a build is not what the build ends with', async () => {
  setLogLevel('fatal');
  const database = openDatabase(join(base, 'state'), [schema, historySchema, imageSchema]);
  let isDone = false;
  const broken = async () => {
    isDone = true;
    throw new Error('no space left on device');
  };
  const dependencies: Partial<BuildServiceDependencies> = {
    ...{ dataRoot: base, execRoot: join(base, 'run'), database },
    settings: {
      collects: false,
      history: { maxAge: 1, maxEntries: 1 },
    } as BuildServiceDependencies['settings'],
    images: {
      holdLayers: () => ({ held: () => undefined, done: broken }),
      dropLayers: async () => 0,
    } as Partial<BuildServiceDependencies['images']> as BuildServiceDependencies['images'],
  };
  const service = createBuildService(dependencies as BuildServiceDependencies);
  const options: Partial<BuildOptions> = {
    ...{ remote: '', known: null, dockerfile: '', names: [], target: '', inputs: noInputs() },
  };
  const send = () => Promise.resolve();
  async function* context() {
    yield Buffer.alloc(1024);
  }
  const build = service.build(
    context(),
    options as BuildOptions,
    createTranscript(send, false),
    new AbortController().signal,
  );
  await expect(build).rejects.toThrow('Cannot locate specified Dockerfile');
  expect(isDone).toBe(true);
  const work = join(base, 'build', 'work');
  expect(existsSync(work) && readdirSync(work)).toEqual([]);
  await service.close();
  database.close();
});
