import Table from 'cli-table3';
import width from 'string-width';

/** Rows that are laid out at once: cli-table3's time grows with the square of their number. */
const chunk = 50;
const leastWidth = 10;
const gap = 3;

const noBorders = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/**
 * Lays out rows of equally many cells for a terminal: docker's columns, but measured by what the eye sees, so that
 * wide characters and colours keep them straight.
 */
export function layoutTerminalTable(rows: string[][]): string {
  const columns = (rows[0]?.length ?? 1) - 1;
  const colWidths = Array.from({ length: columns }, (_none, column) =>
    rows.reduce((most, row) => Math.max(most, width(row[column] ?? '') + gap), leastWidth),
  );
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += chunk) {
    const part = rows.slice(at, at + chunk);
    const table = new Table({
      chars: noBorders,
      colWidths,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    table.push(...part.map((row) => row.slice(0, columns)));
    const left = columns > 0 ? table.toString().split('\n') : part.map(() => '');
    lines.push(...part.map((row, index) => (left[index] ?? '') + (row[columns] ?? '')));
  }
  return lines.join('\n');
}
