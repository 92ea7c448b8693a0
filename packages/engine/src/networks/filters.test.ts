import { expect, it } from 'vitest';
import { type NetworkRecord, plainNetwork } from '../state/networks.ts';
import { createNetworkFilter, createPruneFilter } from './filters.ts';

const network = (name: string, labels: Record<string, string> = {}): NetworkRecord => ({
  ...{ id: `id-of-${name}`, name, driver: 'bridge', created: '2020-01-01T00:00:00.000Z', bridge: '' },
  ...{ subnet: '', gateway: '', subnet6: '', gateway6: '', wishes: { ...plainNetwork, labels } },
});
const all = [network('bridge'), network('front', { tier: 'web' }), network('back', { tier: 'data', x: '' })];
const used = new Set(['front']);

it.each([
  [{ name: ['fr'] }, ['front']],
  [{ id: ['id-of-b'] }, ['bridge', 'back']],
  [{ label: ['tier=web'] }, ['front']],
  [{ label: ['tier', 'x'] }, ['back']],
  [{ driver: ['bridge', 'null'], type: ['custom'] }, ['front', 'back']],
  [{ dangling: ['true'] }, ['back']],
  [{ dangling: ['false'] }, ['front']],
  [{ scope: ['swarm'] }, []],
])('the filters %j select %j', (filters, names) => {
  const matches = createNetworkFilter(filters, ({ name }) => used.has(name));
  expect(all.filter(matches).map(({ name }) => name)).toEqual(names);
});

it('prunes by labels and age, and refuses what makes no sense', () => {
  const pruned = (filters: Record<string, string[]>) =>
    all.filter(createPruneFilter(filters)).map(({ name }) => name);
  expect(pruned({ 'label!': ['tier=web'], until: ['24h'] })).toEqual(['bridge', 'back']);
  expect(pruned({ until: ['2019-12-31'] })).toEqual([]);
  expect(() => createPruneFilter({ until: ['never'] })).toThrow("invalid filter 'until=[never]'");
  expect(() => createPruneFilter({ foo: ['bar'] })).toThrow("invalid filter 'foo'");
  expect(() => createNetworkFilter({ type: ['weird'] }, () => false)).toThrow(
    "invalid filter: 'type'='weird'",
  );
});
