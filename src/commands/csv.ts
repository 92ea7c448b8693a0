import { FlagValueError } from './flag.ts';

/** Splits one line of CSV, as flags with several fields are written. Throws FlagValueError. */
export function splitFields(line: string): string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest);
    const field = quoted?.[0] ?? /^[^,]*/.exec(rest)?.[0] ?? '';
    if (!quoted && field.includes('"')) {
      const column = line.length - rest.length + field.indexOf('"') + 1;
      throw new FlagValueError(`parse error on line 1, column ${column}: bare " in non-quoted-field`);
    }
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : field);
    rest = rest.slice(field.length);
    if (rest === '') return fields;
    rest = rest.slice(1);
  }
}
