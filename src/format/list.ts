import { CommandError } from '../exit.ts';
import type { Value } from './go/value.ts';
import { alignTabs } from './table.ts';

/** What a column shows of an item; a Value is what is no text to templates, such as a nil pointer. */
export type Cell = string | Value;

export interface Column<T> {
  heading: string;
  of(item: T): Cell;
}

/** What a list can show of its items. */
export interface ListDefinition<T> {
  /** The type's name in docker's client, which its error messages show. */
  goName: string;
  columns: Readonly<Record<string, Column<T>>>;
  /** `.Label "name"` in templates. */
  label?(item: T, name: string): string;
}

/** Where a list goes; tables are laid out by what the eye sees when that is a terminal. */
interface Target {
  readonly isTerminal: boolean;
}

/** Literal text and columns alone, in this order. */
type SimplePart = string | { column: string };

/**
 * A list in the format that was asked for: `table` and a template, `json`, or a template for each line. Columns
 * that are only named need no template engine. Throws CommandError when the template does not work.
 */
export async function formatList<T>(
  definition: ListDefinition<T>,
  items: readonly T[],
  format: string,
  target: Target,
): Promise<string> {
  const isTable = format.startsWith('table');
  const source = templateSource(isTable ? format.slice('table'.length) : format);
  const lines =
    simpleLines(definition, items, source, isTable) ??
    (await templateLines(definition, items, source, isTable));
  return isTable ? layOut(lines, target) : lines;
}

/** A format as it reaches the template engine: `\t` and `\n` may be written out. */
function templateSource(format: string): string {
  if (format === 'json') return '{{json .}}';
  return format
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
}

async function layOut(lines: string, target: Target): Promise<string> {
  if (!target.isTerminal) return alignTabs(lines);
  const rows = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
  const isRegular = rows.every((row) => row.length === rows[0]?.length);
  if (!isRegular) return alignTabs(lines);
  const { layoutTerminalTable } = await import('./terminal-table.ts');
  return `${layoutTerminalTable(rows)}\n`;
}

/** The parts of a template that only names columns; null when it does more. */
function simpleParts<T>(definition: ListDefinition<T>, source: string): SimplePart[] | null {
  const parts = source.split(/\{\{ *\.(\w+) *\}\}/);
  const known = parts.every((part, index) =>
    index % 2 === 0 ? !part.includes('{{') : Object.hasOwn(definition.columns, part),
  );
  if (!known) return null;
  return parts.map((part, index) => (index % 2 === 0 ? part : { column: part }));
}

function simpleLines<T>(
  definition: ListDefinition<T>,
  items: readonly T[],
  source: string,
  isTable: boolean,
): string | null {
  const parts = simpleParts(definition, source);
  if (!parts) return null;
  let text = '';
  if (isTable)
    text += `${parts.map((part) => (typeof part === 'string' ? part : heading(definition, part))).join('')}\n`;
  for (const item of items) {
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const cell = definition.columns[part.column]?.of(item) ?? '';
      if (typeof cell !== 'string') return null;
      text += cell;
    }
    text += '\n';
  }
  return text;
}

function heading<T>(definition: ListDefinition<T>, { column }: { column: string }): string {
  return definition.columns[column]?.heading ?? '';
}

async function templateLines<T>(
  definition: ListDefinition<T>,
  items: readonly T[],
  source: string,
  isTable: boolean,
): Promise<string> {
  const [{ compileTemplate }, { createRowMaker }] = await Promise.all([
    import('./template/template.ts'),
    import('./rows.ts'),
  ]);
  try {
    const template = compileTemplate(source);
    const rows = createRowMaker(definition);
    const lines = items.map((item) => `${template.render(rows.row(item))}\n`).join('');
    return isTable ? `${template.renderHeadings(rows.headings())}\n${lines}` : lines;
  } catch (error) {
    throw new CommandError(
      `template parsing error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
