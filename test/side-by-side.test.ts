import { beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compare, entryFor, installedVersions } from './side-by-side/compare.ts';
import { differences, type Subject, versions } from './side-by-side/differences.ts';
import { readLanes } from './side-by-side/lanes.ts';
import { describePair } from './side-by-side/report.ts';

/** DAVIT_TEST_ALL_LINES=1 types all lines that there are; it takes twice as long. */
const lanes = readLanes(process.env.DAVIT_TEST_ALL_LINES === '1');
const typed = lanes.flatMap(({ name, lines }) => lines.map((line) => `${name}: ${line}`));
const installed = await installedVersions();
let comparison: Comparison;

beforeAll(async () => {
  comparison = await compare(lanes);
}, 300_000);

describe.each<Subject>(['clients', 'engines'])('%s side by side', (subject) => {
  /** Other versions of the originals have other words, about which the list of differences says nothing. */
  const isListed = versions[subject].test(installed[subject]);

  it('answer at least 95 of 100 everyday lines in the same way', () => {
    const pairs = comparison[subject];
    expect(pairs.length).toBeGreaterThanOrEqual(150);
    const different = pairs.filter(({ isSame }) => !isSame);
    const atMost = pairs.length * (isListed ? 0.05 : 0.2);
    expect(different.length, different.map(describePair).join('\n')).toBeLessThanOrEqual(atMost);
  });

  it.runIf(isListed)('differ only where it is known why', () => {
    const unexpected = comparison[subject].filter((pair) => !pair.isSame && !entryFor(subject, pair));
    expect(unexpected.map(describePair).join('\n')).toBe('');
  });

  it.runIf(isListed)('differ in all that is said to differ', () => {
    const listed = differences
      .filter(({ between }) => between === subject)
      .flatMap(({ lane, lines }) => lines.map((line) => `${lane}: ${line}`));
    const different = comparison[subject]
      .filter(({ isSame }) => !isSame)
      .map(({ lane, line }) => `${lane}: ${line}`);
    expect(listed.filter((line) => typed.includes(line) && !different.includes(line))).toEqual([]);
    // A line that nobody types any more has no difference either.
    const known = readLanes(true).flatMap(({ name, lines }) => lines.map((line) => `${name}: ${line}`));
    expect(listed.filter((line) => !known.includes(line))).toEqual([]);
  });
});
