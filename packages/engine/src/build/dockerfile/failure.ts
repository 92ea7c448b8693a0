import { EngineError } from '../../errors.ts';

/** A place in a Dockerfile, for people: lines and columns begin with 1. */
export interface Place {
  line: number;
  column?: number;
  /** The last line of an instruction that has several. */
  endLine?: number;
}

/** The text of a Dockerfile and what it is called. */
export interface Source {
  name: string;
  lines: readonly string[];
}

const longestShown = 160;
/** Lines of one instruction that are shown. */
const mostMarked = 12;

/** The lines around a place, or around all lines of an instruction, which are marked. */
export function excerpt({ name, lines }: Source, { line, column = 1, endLine = line }: Place): string {
  const lastMarked = Math.min(endLine, line + mostMarked - 1);
  const first = Math.max(line - 1, 1);
  const last = Math.min(lastMarked + 1, lines.length);
  const width = String(last).length;
  const shown = lines.slice(first - 1, last).map((text, index) => {
    const number = first + index;
    const mark = number >= line && number <= lastMarked ? '>>>' : '   ';
    const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
    return `${String(number).padStart(width)} | ${mark} ${cut}`;
  });
  return [`${name}:${line}:${column}`, ...shown].join('\n');
}

/** What is wrong with a Dockerfile, in docker's words, and where. */
export function dockerfileError(source: Source, place: Place, message: string): EngineError {
  const words = `dockerfile parse error on line ${place.line}: ${message}`;
  return new EngineError('badParameter', `${words}\n${excerpt(source, place)}`);
}
