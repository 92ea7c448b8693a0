export interface TabLayout {
  /** No column is narrower. */
  leastWidth: number;
  /** Spaces after the widest cell of a column. */
  gap: number;
}

/** The columns of docker's lists. */
const listLayout: TabLayout = { leastWidth: 10, gap: 3 };

/** How many columns a text takes: its code points, as docker's own client counts. */
function measure(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}

/**
 * Aligns text at its tabs as docker's tables are aligned: a column is as wide as the widest cell in a run of lines
 * that have it, and a gap; what stands after the last tab of a line is in no column.
 */
export function alignTabs(text: string, { leastWidth, gap }: TabLayout = listLayout): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((line) => new Array<number>(line.length - 1).fill(0));
  const deepest = Math.max(...widths.map((row) => row.length));
  for (let column = 0; column < deepest; column++) {
    for (let start = 0; start < lines.length; ) {
      const end = endOfRun(lines, start, column);
      if (end > start) {
        const cells = lines.slice(start, end).map((line) => measure(line[column] ?? '') + gap);
        const width = cells.reduce((most, one) => Math.max(most, one), leastWidth);
        for (let at = start; at < end; at++) (widths[at] ?? [])[column] = width;
      }
      start = Math.max(end, start + 1);
    }
  }
  return lines
    .map((line, at) =>
      line
        .map((cell, column) => {
          const width = widths[at]?.[column];
          return width === undefined ? cell : cell + ' '.repeat(Math.max(width - measure(cell), 0));
        })
        .join(''),
    )
    .join('\n');
}

/** The first line from `start` on that does not have the column, or has it in a run of its own. */
function endOfRun(lines: string[][], start: number, column: number): number {
  let end = start;
  while (end < lines.length && (lines[end]?.length ?? 0) - 1 > column) end++;
  return end;
}
