import { stripVTControlCharacters } from 'node:util';

/** Control characters but for the tab. */
const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * A line that a program printed, as it stands on its screen in the end and without what would move the cursor or
 * colour what follows: of a line that was written over with carriage returns the last state is left.
 */
export function printableLine(line: string): string {
  return withoutControls(line).replaceAll('\t', '    ');
}

/** The same of each line of a text, whose tabs stay. */
export function printableText(text: string): string {
  return text.split('\n').map(withoutControls).join('\n');
}

function withoutControls(line: string): string {
  const states = stripVTControlCharacters(line).replace(/\r+$/, '').split('\r');
  return (states.at(-1) ?? '').replace(controls, '');
}
