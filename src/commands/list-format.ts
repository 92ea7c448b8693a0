import { flag } from './command.ts';

/** How a list is printed: the flag of the commands that list. */
export const listFormatFlag = flag.string({
  summary: 'Print in this way: table, table TEMPLATE, json, yaml, or TEMPLATE',
  default: '',
});

/** How objects are printed: the flag of the commands that inspect. */
export const objectFormatFlag = flag.string({
  short: 'f',
  summary: 'Print in this way: json, yaml, or TEMPLATE',
  default: '',
});

interface ListFormat {
  format: string;
  quiet?: boolean;
}

interface UsualFormat {
  table: string;
  /** What --quiet leaves of it. */
  quiet?: string;
  /** What `raw` stands for, with and without --quiet. */
  raw?: { whole: string; quiet: string };
  /** The user's own from config.json, which --quiet passes over; empty when there is none. */
  configured?: string;
}

/** The template that a list is printed with, where nothing, `table` and `raw` alone stand for docker's own. */
export function listTemplate(
  { format, quiet = false }: ListFormat,
  { table, quiet: ids = '{{.ID}}', raw, configured = '' }: UsualFormat,
): string {
  const given = format || (quiet ? '' : configured);
  if (given === 'raw' && raw) return quiet ? raw.quiet : raw.whole;
  if (given !== '' && given !== 'table') return given;
  return quiet ? ids : table;
}
