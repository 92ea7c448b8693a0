import type { ChalkInstance } from 'chalk';
import width from 'string-width';
import type { StepStatus } from './state.ts';

/** One line of a picture, before it is cut to the terminal's width. */
export interface Row {
  indent: number;
  mark: string;
  left: string;
  /** What stands at the right edge; the first of them are left out where there is no room. */
  right: string[];
  style: StepStatus | 'head' | 'stage' | 'output';
}

/** Columns that what stands at the left has at least. */
const leastLeft = 24;

const styles: Record<Row['style'], (chalk: ChalkInstance) => { mark: ChalkInstance; left: ChalkInstance }> = {
  head: ({ bold }) => ({ mark: bold, left: bold }),
  stage: ({ cyan }) => ({ mark: cyan, left: cyan }),
  output: ({ dim }) => ({ mark: dim, left: dim }),
  waiting: ({ dim }) => ({ mark: dim, left: dim }),
  canceled: ({ dim }) => ({ mark: dim, left: dim }),
  running: ({ cyan, reset }) => ({ mark: cyan, left: reset }),
  done: ({ green, reset }) => ({ mark: green, left: reset }),
  cached: ({ blue, reset }) => ({ mark: blue, left: reset }),
  failed: ({ red }) => ({ mark: red, left: red }),
};

/** A row in at most so many columns. */
export function renderRow(row: Row, columns: number, chalk: ChalkInstance): string {
  const { indent, mark, left, style } = row;
  const lead = Math.min(indent, Math.max(columns, 0));
  const prefix = mark === '' ? '' : `${mark} `;
  const room = columns - lead - prefix.length;
  if (room <= 0) return '';
  const right = [...row.right];
  const taken = () => (right.length === 0 ? 0 : right.join('  ').length + 2);
  while (right.length > 0 && room - taken() < Math.min(leastLeft, width(left))) right.shift();
  const text = cut(left, room - taken());
  const gap = right.length === 0 ? '' : ' '.repeat(room - taken() - width(text) + 2);
  const paint = styles[style](chalk);
  const end = right.length === 0 ? '' : gap + chalk.dim(right.join('  '));
  return `${' '.repeat(lead)}${prefix === '' ? '' : paint.mark(prefix)}${paint.left(text)}${end}`;
}

const segmenter = new Intl.Segmenter();

/** A text cut to so many columns as the eye sees them, the last of them an ellipsis. */
function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let shown = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += width(segment);
    if (used > columns - 1) break;
    shown += segment;
  }
  return columns > 0 ? `${shown}…` : '';
}
