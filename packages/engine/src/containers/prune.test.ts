import { expect, it } from 'vitest';
import { recordOf } from './fixture.ts';
import { containersToPrune } from './prune.ts';

const records = [
  recordOf({ name: 'runs', state: { status: 'running' } }),
  recordOf({ name: 'paused', state: { status: 'paused' } }),
  recordOf({ name: 'waits', state: { status: 'restarting' } }),
  recordOf({ name: 'made' }),
  recordOf({ name: 'over', state: { status: 'exited' }, config: { Labels: { a: 'b' } } }),
  recordOf({ name: 'late', created: '2026-11-25T09:00:00Z', state: { status: 'exited' } }),
];
const pruned = (filters: Record<string, string[]>) =>
  containersToPrune(records, filters).map(({ name }) => name);

it('takes what does not run and fits all filters', () => {
  expect(pruned({})).toEqual(['made', 'over', 'late']);
  expect(pruned({ label: ['a'] })).toEqual(['over']);
  expect(pruned({ label: ['a=c'] })).toEqual([]);
  expect(pruned({ 'label!': ['a=b'] })).toEqual(['made', 'late']);
  expect(pruned({ until: ['2026-11-25T08:00:00Z'] })).toEqual(['made', 'over']);
});

it('refuses filters that it does not know', () => {
  expect(() => pruned({ name: ['x'] })).toThrow("invalid filter 'name'");
  expect(() => pruned({ until: ['1h', '2h'] })).toThrow('more than one until filter specified');
});
