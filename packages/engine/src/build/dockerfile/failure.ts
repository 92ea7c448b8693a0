import { EngineError } from '../../errors.ts';

/** A place in a Dockerfile, for people: lines and columns begin with 1. */
export interface Place {
  line: number;
  column?: number;
}

/** The text of a Dockerfile and what it is called. */
export interface Source {
  name: string;
  lines: readonly string[];
}

const longestShown = 160;

/** The lines around a place, that one marked. */
export function excerpt({ name, lines }: Source, { line, column = 1 }: Place): string {
  const first = Math.max(line - 1, 1);
  const last = Math.min(line + 1, lines.length);
  const width = String(last).length;
  const shown = lines.slice(first - 1, last).map((text, index) => {
    const number = first + index;
    const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
    return `${String(number).padStart(width)} | ${number === line ? '>>>' : '   '} ${cut}`;
  });
  return [`${name}:${line}:${column}`, ...shown].join('\n');
}

/** What is wrong with a Dockerfile, in docker's words, and where. */
export function dockerfileError(source: Source, place: Place, message: string): EngineError {
  const words = `dockerfile parse error on line ${place.line}: ${message}`;
  return new EngineError('badParameter', `${words}\n${excerpt(source, place)}`);
}
