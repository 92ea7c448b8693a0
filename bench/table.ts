import type { Row } from './row.ts';
import type { ToolName } from './tool.ts';

/** Medians of one row: of each tool, and of a bare node where that is measured beside it, else NaN. */
export interface Measured {
  row: Row;
  figures: Map<ToolName, number>;
  node: number;
}

/** The value in the middle, NaN of none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((first, second) => first - second);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function show(value: number | undefined, unit: Row['unit']): string {
  if (value === undefined || Number.isNaN(value)) return '';
  return unit === 'MB' ? `${value.toFixed(0)} MB` : value.toFixed(3);
}

/** A Markdown table of medians, with each tool's ratio to docker and what davit aims at. */
export function formatTable(measured: readonly Measured[], names: ToolName[]): string {
  const others = names.includes('docker') ? names.filter((name) => name !== 'docker') : [];
  const header = ['step', ...names, ...others.map((name) => `${name} ÷ docker`), 'aim'];
  const lines = measured.map(({ row, figures }) => {
    const docker = figures.get('docker');
    const ratio = (name: ToolName) => {
      const value = figures.get(name);
      return value === undefined || !docker ? '' : (value / docker).toFixed(2);
    };
    return [
      row.title,
      ...names.map((name) => show(figures.get(name), row.unit)),
      ...others.map(ratio),
      String(row.aim),
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const format = (cells: string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [format(header), rule, ...lines.map(format)].join('\n');
}

/** What davit takes beside a bare node, a line for each row where that is measured; empty for none. */
export function formatStarts(measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ row, figures, node }) => {
    const davit = figures.get('davit');
    if (!row.aimToNode || davit === undefined) return [];
    return `  ${row.title}: ${(davit / node).toFixed(2)} (aim ${row.aimToNode}; node ${node.toFixed(3)})\n`;
  });
  return lines.length > 0 ? `\ndavit ÷ node -e 0:\n${lines.join('')}` : '';
}
