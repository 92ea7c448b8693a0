import type { Section } from '../../src/topics/topic.ts';
import { version } from '../../src/version.ts';

const { SOURCE_DATE_EPOCH: epoch } = process.env;
const date = (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().slice(0, 10);

/** A text as roff takes it: a line that begins with a space is one of its own anyway. */
export function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
  return escaped.replace(/^\./gm, '\\&.').replace(/\n+(?! )/g, '\n.br\n');
}

export const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
export const italic = (text: string): string => `\\fI${roff(text)}\\fR`;

/** How a page begins: its name in lower case, its section of the manual, and one line about it. */
export function head(name: string, section: number, summary: string): string[] {
  const title = `.TH "${roff(name.toUpperCase())}" "${section}" "${date}" "davit ${roff(version)}" "Manual of davit"`;
  return [title, '.SH NAME', `${roff(name)} \\- ${roff(summary)}`];
}

/** A word in bold and what it means, below it. */
export function entry(term: string, text: string): string[] {
  return ['.TP', bold(term), roff(text)];
}

/** A part of a topic. */
export function section({ heading, text = [], entries = [], code }: Section): string[] {
  const [first, ...rest] = text.map(roff);
  return [
    `.SH "${roff(heading.toUpperCase())}"`,
    ...(first === undefined ? [] : [first]),
    ...rest.flatMap((paragraph) => ['.PP', paragraph]),
    ...entries.flatMap(([term, meaning]) => entry(term, meaning)),
    ...(code ? ['.PP', '.nf', '.RS 4', roffLines(code), '.RE', '.fi'] : []),
  ];
}

/** Lines that are printed as they stand. */
function roffLines(code: string): string {
  return code.split('\n').map(roff).join('\n');
}

/** References to other pages, as in davit(1). */
export function seeAlso(...pages: [name: string, section: number][]): string[] {
  return ['.SH SEE ALSO', pages.map(([name, number]) => `${bold(name)}(${number})`).join(', ')];
}

/** The text of a page. */
export function page(...parts: string[][]): string {
  return [...parts.flat(), ''].join('\n');
}
