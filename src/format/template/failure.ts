import { CommandError } from '../../exit.ts';
import { TemplateError } from './error.ts';

/** Columns that are shown of a long line on either side of the place in question. */
const around = 36;

/** The line of a template in which something is wrong, and a mark below the place. */
export function templateExcerpt(source: string, position: number): string {
  const start = source.lastIndexOf('\n', position - 1) + 1;
  const end = source.indexOf('\n', position);
  const line = source.slice(start, end < 0 ? undefined : end).replaceAll('\t', ' ');
  const at = position - start;
  const from = Math.max(at - around, 0);
  return `  ${line.slice(from, at + around)}\n  ${' '.repeat(at - from)}^`;
}

/** What a command fails with when its template does; on a terminal the place is shown too. */
export function templateFailure(prefix: string, error: unknown, exitCode = 1): CommandError {
  const message = `${prefix}${error instanceof Error ? error.message : String(error)}`;
  if (!(error instanceof TemplateError)) return new CommandError(message, exitCode, { cause: error });
  const detail = templateExcerpt(error.source, error.position);
  return new CommandError(message, exitCode, { cause: error, detail });
}
