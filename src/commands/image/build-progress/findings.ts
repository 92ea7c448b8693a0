import type { BuildFinding } from '@davit/api';
import { printableLine } from '../../../format/printable.ts';

const count = (findings: readonly BuildFinding[], what: string) =>
  `${findings.length} ${what}${findings.length === 1 ? '' : 's'}`;

/** What the build checks have found, in full. */
export function findingsText(findings: readonly BuildFinding[]): string {
  if (findings.length === 0) return 'Check complete, nothing was found.';
  const each = findings.map(
    ({ Rule, Summary, Message, Excerpt }) =>
      `${Rule}: ${Summary}\n${printableLine(Message)}\n\n${Excerpt.split('\n').map(printableLine).join('\n')}\n\n`,
  );
  return `${each.join('')}Check complete, ${count(findings, 'warning')}.`;
}

/** The same after a build: a line each. */
export function findingsSummary(findings: readonly BuildFinding[]): string {
  const lines = findings.map(
    ({ Rule, Message, Line }) => ` - ${Rule}: ${printableLine(Message)} (line ${Line})`,
  );
  return [`${count(findings, 'warning')} (build --check shows the lines):`, ...lines].join('\n');
}
