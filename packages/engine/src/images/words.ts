import { EngineError } from '../errors.ts';

/** Looks up a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

const patternsOfWords = new Map<string, RegExp>();

/** Splits the arguments of a Dockerfile instruction at blanks outside of quotes; quotes stay where they are. */
export function splitWords(text: string, escapedBy = '\\'): string[] {
  const e = escapedBy === '\\' ? '\\\\' : escapedBy;
  let pattern = patternsOfWords.get(escapedBy);
  pattern ??= new RegExp(`(?:${e}.|'[^']*'|"(?:${e}.|[^"${e}])*"|[^\\s])+`, 'gs');
  patternsOfWords.set(escapedBy, pattern);
  return text.match(pattern) ?? [];
}

/**
 * Takes the quotes and escapes off a word and puts in its variables, as the Dockerfile's shell does: `$x`, `${x}`,
 * `${x:-word}` and `-`, `+`, `?` with or without colon, `${x#pattern}` and `##`, `%`, `%%`, `${x/pattern/word}` and
 * `//`. Throws `badParameter`.
 */
export function expandWord(word: string, lookup: Lookup, escapedBy = '\\'): string {
  const reader = { text: word, at: 0, lookup, escapedBy };
  return readUntil(reader, '');
}

interface Reader {
  text: string;
  at: number;
  lookup: Lookup;
  escapedBy: string;
}

/** Reads up to a character outside of quotes, which is taken as well; to the end of the text when it is empty. */
function readUntil(reader: Reader, stop: string): string {
  let result = '';
  while (reader.at < reader.text.length) {
    const c = reader.text.charAt(reader.at);
    if (stop !== '' && c === stop) {
      reader.at += 1;
      return result;
    }
    if (c === "'") result += readSingle(reader);
    else if (c === '"') result += readDouble(reader);
    else if (c === '$') result += readVariable(reader);
    else if (c === reader.escapedBy && reader.at + 1 < reader.text.length) {
      result += reader.text.charAt(reader.at + 1);
      reader.at += 2;
    } else {
      result += c;
      reader.at += 1;
    }
  }
  if (stop !== '') refuse(`unexpected end of statement while looking for matching ${stop}`);
  return result;
}

function readSingle(reader: Reader): string {
  const end = reader.text.indexOf("'", reader.at + 1);
  if (end === -1) refuse('unexpected end of statement while looking for matching single-quote');
  const inner = reader.text.slice(reader.at + 1, end);
  reader.at = end + 1;
  return inner;
}

function readDouble(reader: Reader): string {
  let result = '';
  reader.at += 1;
  while (reader.at < reader.text.length) {
    const c = reader.text.charAt(reader.at);
    const next = reader.text.charAt(reader.at + 1);
    if (c === '"') {
      reader.at += 1;
      return result;
    }
    if (c === '$') result += readVariable(reader);
    else if (c === reader.escapedBy && next !== '') {
      result += next === '"' || next === '$' || next === reader.escapedBy ? next : c + next;
      reader.at += 2;
    } else {
      result += c;
      reader.at += 1;
    }
  }
  return refuse('unexpected end of statement while looking for matching double-quote');
}

const bareName = /(?:[A-Za-z0-9_]+|[@*#])/y;

function readName(reader: Reader): string {
  bareName.lastIndex = reader.at;
  const name = bareName.exec(reader.text)?.[0] ?? '';
  reader.at += name.length;
  return name;
}

function readVariable(reader: Reader): string {
  reader.at += 1;
  if (reader.text.charAt(reader.at) !== '{') {
    const name = readName(reader);
    return name === '' ? '$' : (reader.lookup(name) ?? '');
  }
  reader.at += 1;
  const name = readName(reader);
  if (name === '') refuse(`bad substitution in ${reader.text}`);
  const [operator = ''] =
    /^(?:\}|:?[-+?]|##?|%%?|\/\/?)/.exec(reader.text.slice(reader.at, reader.at + 2)) ?? [];
  reader.at += operator.length;
  const value = reader.lookup(name);
  switch (operator) {
    case '}':
      return value ?? '';
    case '#':
    case '##':
    case '%':
    case '%%':
      return trim(value ?? '', readUntil(reader, '}'), operator);
    case '/':
    case '//': {
      const pattern = readUntil(reader, '/');
      return replace(value ?? '', pattern, readUntil(reader, '}'), operator === '//');
    }
    case '':
      return refuse(`unsupported modifier (${reader.text.charAt(reader.at)}) in substitution`);
  }
  const word = readUntil(reader, '}');
  const isThere = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  if (operator.endsWith('+')) return isThere ? word : '';
  if (isThere) return value ?? '';
  if (operator.endsWith('?')) refuse(`${name}: ${word === '' ? 'not allowed to be unset' : word}`);
  return word;
}

/** Longer values are not cut with patterns: looking at all ways to match would take a while. */
const longestValue = 4096;

/**
 * Where matches of a shell pattern (`*`, `?`) end that begin at the start of a text, the shortest first. All ways
 * are followed at once, so that no pattern can make it slow.
 */
function matchEnds(pattern: string, text: string): number[] {
  let ends = new Set([0]);
  for (const c of pattern) {
    if (c === '*') {
      const [first = text.length + 1] = ends;
      ends = new Set(Array.from({ length: text.length - first + 1 }, (_, more) => first + more));
    } else {
      const fitting = Array.from(ends).filter((at) => at < text.length && (c === '?' || text[at] === c));
      ends = new Set(fitting.map((at) => at + 1));
    }
    if (ends.size === 0) return [];
  }
  return Array.from(ends);
}

const backwards = (text: string): string => Array.from(text).reverse().join('');

function checkLength(value: string): void {
  if (value.length > longestValue) refuse(`a value of ${value.length} characters is too long for a pattern`);
}

function trim(value: string, pattern: string, operator: '#' | '##' | '%' | '%%'): string {
  checkLength(value);
  if (operator === '%' || operator === '%%')
    return backwards(trim(backwards(value), backwards(pattern), operator === '%' ? '#' : '##'));
  return value.slice(matchEnds(pattern, value).at(operator === '#' ? 0 : -1) ?? 0);
}

function replace(value: string, pattern: string, replacement: string, all: boolean): string {
  checkLength(value);
  let result = '';
  for (let at = 0; at < value.length; ) {
    const length = pattern === '' ? 0 : (matchEnds(pattern, value.slice(at)).at(-1) ?? 0);
    // What does not match from here does not match from any later place either.
    if (length === 0 && /^(?:\*|$)/.test(pattern)) return result + value.slice(at);
    result += length > 0 ? replacement : value.charAt(at);
    at += length || 1;
    if (length > 0 && !all) return result + value.slice(at);
  }
  return result;
}
