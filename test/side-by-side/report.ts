import { type Comparison, entryFor, type Pair } from './compare.ts';
import type { Subject } from './differences.ts';

const titles: Record<Subject, string> = {
  clients: 'davit beside docker, each with a dockerd',
  engines: 'davitd beside dockerd, each with docker',
};

function describeResult({ code, stdout, stderr }: Pair['ours']): string[] {
  const block = (mark: string, text: string) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => `${mark} ${line}`);
  const rest = (text: string) => (text.endsWith('\n') || text === '' ? text : `${text}\\\n`);
  return [`exit ${code}`, ...block('1>', rest(stdout)), ...block('2>', rest(stderr))];
}

/** A pair that differs, to be read by people: the line, and what came back, the original's with - and ours with +. */
export function describePair({ lane, line, original, ours }: Pair): string {
  const [before, after] = [describeResult(original), describeResult(ours)];
  const removed = before.filter((text) => !after.includes(text)).map((text) => `    - ${text}`);
  const added = after.filter((text) => !before.includes(text)).map((text) => `    + ${text}`);
  return [`  ${lane}: ${line}`, ...removed, ...added].join('\n');
}

/** The comparison as a text: the shares, and every difference with its reason. */
export function report(comparison: Comparison): string {
  return (['clients', 'engines'] as const)
    .map((subject) => {
      const pairs = comparison[subject];
      const different = pairs.filter(({ isSame }) => !isSame);
      const same = pairs.length - different.length;
      const share = ((same / pairs.length) * 100).toFixed(1);
      const told = different.map((pair) => {
        const reason = entryFor(subject, pair)?.reason ?? 'not expected';
        return `${describePair(pair)}\n    ${reason}`;
      });
      return [`${titles[subject]}: ${same} of ${pairs.length} lines the same (${share} %)`, ...told].join(
        '\n',
      );
    })
    .join('\n\n');
}
