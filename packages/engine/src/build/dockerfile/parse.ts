import { DockerfileParser } from 'dockerfile-ast';
import { EngineError } from '../../errors.ts';
import { dockerfileError, type Source } from './failure.ts';
import { type Flag, splitFlags } from './flags.ts';
import { type Heredoc, heredocsIn } from './heredoc.ts';
import { isNear } from './near.ts';

/** One instruction, not yet expanded. */
export interface Instruction {
  /** In upper case. */
  name: string;
  flags: Flag[];
  /** The arguments after the flags: continued lines are joined, comments left out. */
  rest: string;
  heredocs: Heredoc[];
  /** The whole instruction on one line, as it is shown. */
  text: string;
  /** The first line, from 1. */
  line: number;
  column: number;
  /** The last line, with its here-documents. */
  endLine: number;
}

export interface ParsedDockerfile {
  source: Source;
  /** Directives by their names in lower case. */
  directives: Map<string, string>;
  /** `\` or a backtick. */
  escapedBy: string;
  instructions: Instruction[];
}

/** dockerd's names of all instructions there are. */
export const instructionNames: ReadonlySet<string> = new Set([
  ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL'],
  ...['MAINTAINER', 'ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
]);

const longestDockerfile = 1024 * 1024;
const longestLine = 65_535;
const withHeredocs = ['ADD', 'COPY', 'RUN', 'ONBUILD'];

/** Takes a Dockerfile apart. Throws `badParameter` that names the line and shows it. */
export function parseDockerfile(bytes: Buffer | string, name = 'Dockerfile'): ParsedDockerfile {
  if (bytes.length > longestDockerfile)
    throw new EngineError(
      'badParameter',
      `${name} has ${bytes.length} bytes: no more than ${longestDockerfile} are read`,
    );
  const text = bytes
    .toString()
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  const source: Source = { name, lines: text.split('\n') };
  const long = source.lines.findIndex((line) => line.length > longestLine);
  if (long !== -1)
    throw dockerfileError(
      source,
      { line: long + 1 },
      `dockerfile line greater than maximum allowed size of ${longestLine}`,
    );
  const file = DockerfileParser.parse(text);
  const escapedBy = file.getEscapeCharacter();
  const directives = new Map(
    file.getDirectives().map((one) => [one.getName().toLowerCase(), one.getValue()]),
  );
  checkEscape(source, directives.get('escape'));
  const instructions = file.getInstructions().map((found) => {
    const { start, end } = found.getRange();
    return readInstruction(source, source.lines.slice(start.line, end.line + 1), {
      line: start.line + 1,
      column: start.character + 1,
      endLine: end.line + 1,
      escapedBy,
    });
  });
  if (text === '') throw new EngineError('badParameter', `the Dockerfile (${name}) cannot be empty`);
  if (instructions.length === 0)
    throw new EngineError('badParameter', 'failed to parse Dockerfile: file with no instructions');
  return { source, directives, escapedBy, instructions };
}

function checkEscape(source: Source, value: string | undefined): void {
  if (value === undefined || value === '\\' || value === '`') return;
  const line = source.lines.findIndex((text) => /^\s*#\s*escape\s*=/i.test(text)) + 1;
  throw dockerfileError(source, { line }, `invalid escape token '${value}' does not match \` or \\`);
}

/** The instruction of an image's ONBUILD trigger: one line, without here-documents. */
export function parseTrigger(text: string): Instruction {
  const source = { name: 'ONBUILD', lines: [text] };
  return readInstruction(source, source.lines, {
    ...{ line: 1, column: 1, endLine: 1 },
    escapedBy: '\\',
  });
}

function readInstruction(
  source: Source,
  lines: readonly string[],
  {
    line,
    column,
    endLine,
    escapedBy,
  }: Pick<Instruction, 'line' | 'column' | 'endLine'> & { escapedBy: string },
): Instruction {
  const place = { line, column };
  const { text, count } = joinLines(lines, escapedBy);
  const [, word = '', all = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  const name = word.toUpperCase();
  if (!instructionNames.has(name)) {
    const near = [...instructionNames].find((known) => isNear(known, name));
    const advice = near ? ` (did you mean ${near}?)` : '';
    throw dockerfileError(source, place, `unknown instruction: ${word}${advice}`);
  }
  const { flags, rest, unknown } = splitFlags(name, all, escapedBy);
  if (unknown !== null) throw dockerfileError(source, place, `unknown flag: ${unknown}`);
  if (rest === '' && name !== 'CMD' && name !== 'ENTRYPOINT')
    throw dockerfileError(source, place, `${name} requires ${arity[name] ?? 'at least one argument'}`);
  const heredocs = withHeredocs.includes(name) ? heredocsIn(rest, lines.slice(count), escapedBy) : [];
  const open = heredocs.find(({ closed }) => !closed);
  if (open) throw dockerfileError(source, place, `unterminated heredoc ${open.name}`);
  return { name, flags, rest, heredocs, text, ...place, endLine };
}

const arity: Record<string, string> = {
  ADD: 'at least two arguments, but only one was provided. Destination could not be determined',
  COPY: 'at least two arguments, but only one was provided. Destination could not be determined',
  FROM: 'either one or three arguments',
  MAINTAINER: 'exactly one argument',
  SHELL: 'at least one argument',
  STOPSIGNAL: 'exactly one argument',
  USER: 'exactly one argument',
  WORKDIR: 'exactly one argument',
};

/** Joins an instruction's continued lines; `count` is how many lines of the Dockerfile those were. */
function joinLines(lines: readonly string[], escapedBy: string): { text: string; count: number } {
  const e = escapedBy === '\\' ? '\\\\' : escapedBy;
  const continued = new RegExp(`(?:^|[^${e}])(${e}[ \\t]*)$`);
  let text = '';
  for (const [index, line] of lines.entries()) {
    if (index > 0 && (/^\s*#/.test(line) || line.trim() === '')) continue;
    const own = index === 0 ? line.trimStart() : line;
    const end = continued.exec(own)?.[1];
    if (end === undefined) return { text: (text + own).trimEnd(), count: index + 1 };
    text += own.slice(0, own.length - end.length);
  }
  return { text: text.trimEnd(), count: lines.length };
}
