const leastWidth = 10;
const gap = 3;

/** How many columns a text takes. */
type Measure = (text: string) => number;

/** Code points, as docker's own client counts. */
export const countCharacters: Measure = (text) =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;

/**
 * Aligns text at its tabs as docker's tables are aligned: a column is as wide as the widest cell in a run of lines
 * that have it, and three spaces; what stands after the last tab of a line is in no column.
 */
export function alignTabs(text: string, measure: Measure = countCharacters): string {
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
