import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configCases } from './build-cases/config.ts';
import { copyCases } from './build-cases/copy.ts';
import { errorCases } from './build-cases/errors.ts';
import { runCases } from './build-cases/run.ts';
import { buildOn, configOf, treeOf } from './support/builder.ts';
import { clientFor } from './support/client.ts';
import { loadBusybox } from './support/contents.ts';
import { createEngine } from './support/engine.ts';
import { useEngine } from './support/use-engine.ts';

const { engine } = await useEngine();
const original = await createEngine('dockerd');

beforeAll(async () => {
  await original.start();
  await loadBusybox(original);
});
afterAll(async () => {
  await original.stop();
  await original.discard();
});

const tables = { config: configCases, run: runCases, copy: copyCases, errors: errorCases };

describe.concurrent.each(Object.entries(tables))('%s', (_, table) => {
  it.each(table)('$name', async (one) => {
    const ours = await buildOn(engine, one);
    const theirs = one.own ? null : await buildOn(original, one);
    if (one.error) {
      if (theirs) expect(theirs.error).toMatch(one.error);
      expect(ours.error).toMatch(one.error);
      return;
    }
    expect(ours.error, ours.text).toBe('');
    const { tree, contents } = await treeOf(engine, ours.id);
    for (const [path, content] of Object.entries(one.tree ?? {}))
      expect(contents[path] ?? null, path).toBe(content);
    const config = await configOf(engine, ours.id);
    if (one.config) expect(config).toMatchObject(one.config);
    if (!theirs) return;
    expect(theirs.error).toBe('');
    expect(config).toEqual(await configOf(original, theirs.id));
    expect(tree).toEqual((await treeOf(original, theirs.id)).tree);
  });
});

it('refuses clearly what the builder of another engine has no field for', async () => {
  const davit = clientFor('davit', original);
  const refused = await davit.with({ input: 'FROM busybox\n' })('build', '--no-cache-filter', 'one', '-');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('only that of davit does') });
  expect((await davit('builder', 'history')).stderr).toContain(
    'does not remember builds: only that of davit does',
  );
  const files = await davit.with({ input: 'FROM busybox\nENV a=b\n' })('build', '-q', '-o', '-', '-');
  expect(files.stderr).toContain('cannot give the files of an image alone: only that of davit can');
});
