/** A format as it reaches the template engine, and where its characters stand in what was typed. */
export interface FormatSource {
  /** The format as it was typed. */
  readonly typed: string;
  readonly isTable: boolean;
  /** The template, in which `\t` and `\n` that were written out are one character. */
  readonly text: string;
  /** Offset in what was typed of an offset in the text. */
  typedAt(position: number): number;
}

const table = 'table';
const written = /\\[tn]/g;

/** The template in a format, which `table` and spaces may come before. */
export function formatSource(typed: string): FormatSource {
  const isTable = typed.startsWith(table);
  const whole = isTable ? typed.slice(table.length) : typed;
  const trimmed = whole.replace(/^ +| +$/g, '');
  const before = (isTable ? table.length : 0) + (/^ */.exec(whole)?.[0].length ?? 0);
  return {
    typed,
    isTable,
    text: typed === 'json' ? '{{json .}}' : trimmed.replaceAll('\\t', '\t').replaceAll('\\n', '\n'),
    typedAt(position) {
      let at = before + position;
      for (const { index } of trimmed.matchAll(written)) if (before + index < at) at++;
      return at;
    },
  };
}
