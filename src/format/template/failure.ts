import width from 'string-width';
import { CommandError } from '../../exit.ts';
import { TemplateError } from './error.ts';

/** Columns that are shown of a long line on either side of the place in question. */
const around = 36;

/** The place in a template where something is wrong: its line and column, counted from 1, the line and a mark. */
export function templateExcerpt(source: string, position: number): string {
  const before = source.slice(0, position).split('\n');
  const end = source.indexOf('\n', position);
  const start = position - (before.at(-1) ?? '').length;
  const line = [...source.slice(start, end < 0 ? undefined : end).replaceAll('\t', ' ')];
  const at = [...(before.at(-1) ?? '')].length;
  const from = Math.max(at - around, 0);
  const shown = line.slice(from, at + around).join('');
  return `line ${before.length}, column ${at + 1}:\n  ${shown}\n  ${' '.repeat(width(line.slice(from, at).join('')))}^`;
}

/** A template as it was typed, when what was compiled differs from it. */
interface Typed {
  readonly typed: string;
  typedAt(position: number): number;
}

/** What a command fails with when its template does; on a terminal the place is shown too, in what was typed. */
export function templateFailure(prefix: string, error: unknown, exitCode = 1, source?: Typed): CommandError {
  const message = `${prefix}${error instanceof Error ? error.message : String(error)}`;
  if (!(error instanceof TemplateError)) return new CommandError(message, exitCode, { cause: error });
  const detail = source
    ? templateExcerpt(source.typed, source.typedAt(error.position))
    : templateExcerpt(error.source, error.position);
  return new CommandError(message, exitCode, { cause: error, detail });
}
