import type { BuildSummary } from '@davit/api';
import { expect, test } from 'vitest';
import { createBuildHistory, schema } from './buildhistory.ts';
import { openDatabase } from './database.ts';

const build = (ID: string, Status: BuildSummary['Status'] = 'completed'): BuildSummary => ({
  ...{ ID, Names: ['a'], Target: '', Dockerfile: 'Dockerfile', Status, Error: '', Image: '' },
  ...{ StartedAt: `2026-01-0${ID.length}T00:00:00Z`, Seconds: 1, Steps: 1, CachedSteps: 0 },
});

test('the latest builds are remembered with their steps, older ones are not', () => {
  const database = openDatabase(':memory:', [schema]);
  const history = createBuildHistory(database);
  const ids = () => history.all().map(({ ID }) => ID);
  const step = {
    ...{ Number: 1, Stage: '', Instruction: 'FROM x', Line: 1, Status: 'cached' as const },
    ...{ StartedAfter: 0.5, Seconds: 0.25, Bytes: 7 },
  };
  for (const id of ['a', 'ab', 'abc']) {
    history.begin(build(id, 'running'));
    if (id !== 'ab') history.end(build(id), [step], { most: 2, oldest: '' });
  }
  // What runs is not forgotten.
  expect(ids()).toEqual(['abc', 'ab']);
  expect(history.stepsOf('abc')).toEqual([step]);
  expect(history.stepsOf('a')).toEqual([]);
  expect(history.find('ab')).toHaveLength(2);
  history.endAll('canceled');
  expect(history.find('ab')[0]).toMatchObject({ ID: 'ab', Status: 'canceled' });
  history.begin(build('abcd', 'running'));
  history.end(build('abcd'), [], { most: 9, oldest: '2026-01-03T12:00:00Z' });
  expect(ids()).toEqual(['abcd']);
  database.close();
});
