import type { Cell, Column, ListDefinition } from './columns.ts';
import { type FormatSource, formatSource } from './format-source.ts';
import { alignTabs } from './table.ts';

export type { Cell, Column, ListDefinition } from './columns.ts';

/** Where a list goes; tables are laid out by what the eye sees when that is a terminal. */
interface Target {
  readonly isTerminal: boolean;
}

/** Literal text and columns alone, in this order. */
type SimplePart = string | { column: string };

/**
 * A list in the format that was asked for: `table` and a template, `json`, `yaml`, or a template for each line. Columns
 * that are only named need no template engine. Throws CommandError when the template does not work.
 */
export async function formatList<T>(
  definition: ListDefinition<T>,
  items: readonly T[],
  format: string,
  target: Target,
): Promise<string> {
  if (format === 'yaml') return yamlLines(definition, items);
  const source = formatSource(format);
  const lines = simpleLines(definition, items, source) ?? (await templateLines(definition, items, source));
  return source.isTable ? layOut(lines, target) : lines;
}

/**
 * Tries a format on an item without any content, as docker does before it asks the engine. Returns the columns
 * that were read. Throws CommandError when the template does not work.
 */
export async function tryFormat<T>(
  definition: ListDefinition<T>,
  empty: T,
  format: string,
): Promise<ReadonlySet<string>> {
  const simple = simpleParts(definition, format);
  if (simple) return new Set(simple.flatMap((part) => (typeof part === 'string' ? [] : [part.column])));
  const { compileTemplate, createRowMaker, wording } = await templating();
  const template = wording('failed to parse template', () => compileTemplate(format));
  const read = new Set<string>();
  const rows = createRowMaker(definition, (column) => read.add(column));
  wording('failed to execute template', () => template.render(rows.row(empty)));
  return read;
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
  { text: template, isTable }: FormatSource,
): string | null {
  const parts = simpleParts(definition, template);
  if (!parts) return null;
  const line = (show: (column: Column<T>) => Cell | undefined): string | null => {
    let text = '';
    for (const part of parts) {
      const column = typeof part === 'string' ? undefined : definition.columns[part.column];
      const cell = column ? show(column) : (part as string);
      if (typeof cell !== 'string') return null;
      text += cell;
    }
    return `${text}\n`;
  };
  const lines = items.map((item) => line((column) => column.of(item)));
  const headings = isTable ? line(({ heading }) => heading) : '';
  if (headings === null || lines.includes(null)) return null;
  return headings + lines.join('');
}

async function templateLines<T>(
  definition: ListDefinition<T>,
  items: readonly T[],
  source: FormatSource,
): Promise<string> {
  const { compileTemplate, createRowMaker, wording } = await templating();
  return wording(
    'template parsing error',
    () => {
      const template = compileTemplate(source.text);
      const rows = createRowMaker(definition);
      const lines = items.map((item) => `${template.render(rows.row(item))}\n`).join('');
      return source.isTable ? `${template.renderHeadings(rows.headings())}\n${lines}` : lines;
    },
    source,
  );
}

/** A list in YAML, of what JSON has of each item. */
async function yamlLines<T>(definition: ListDefinition<T>, items: readonly T[]): Promise<string> {
  const [lines, { yamlOf }] = await Promise.all([
    templateLines(definition, items, formatSource('{{json .}}')),
    import('./yaml.ts'),
  ]);
  return yamlOf(`[${lines.trim().split('\n').join(',')}]`);
}

async function templating() {
  const [{ compileTemplate }, { createRowMaker }, { templateFailure }] = await Promise.all([
    import('./template/template.ts'),
    import('./rows.ts'),
    import('./template/failure.ts'),
  ]);
  /** Does something with a template; what goes wrong is told as docker tells it at this place. */
  function wording<T>(prefix: string, work: () => T, source?: FormatSource): T {
    try {
      return work();
    } catch (error) {
      throw templateFailure(`${prefix}: `, error, 1, source);
    }
  }
  return { compileTemplate, createRowMaker, wording };
}
