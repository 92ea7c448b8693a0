import { isPrintable, quote, unicodeName } from '../go/quote.ts';

export type TokenType =
  | 'error'
  | 'bool'
  | 'character'
  | 'constant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'end of text'
  | 'field'
  | 'identifier'
  | 'left delimiter'
  | 'left parenthesis'
  | 'number'
  | 'pipe'
  | 'raw string'
  | 'right delimiter'
  | 'right parenthesis'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword;

const keywords = [
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
] as const;
export type Keyword = (typeof keywords)[number] | 'dot';

export interface Token {
  type: TokenType;
  value: string;
  /** Offset in the text. */
  position: number;
  line: number;
}

function isKeyword(word: string): word is (typeof keywords)[number] {
  return (keywords as readonly string[]).includes(word);
}

/** A token as Go's error messages show it. */
export function describeToken({ type, value }: Token): string {
  if (type === 'end of text') return 'EOF';
  if (type === 'error') return value;
  if (type === 'dot' || isKeyword(type)) return `<${value}>`;
  const characters = [...value];
  return characters.length > 10 ? `${quote(characters.slice(0, 10).join(''))}...` : quote(value);
}

const space = /[ \t\r\n]/;
const word = /[\p{L}\p{Nd}_]/u;

function isSpace(character: string | undefined): boolean {
  return character !== undefined && space.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && word.test(character);
}

/** Where a number that starts here ends, and whether it is one as far as the lexer can tell. */
function scanNumber(text: string, start: number): { end: number; good: boolean } {
  let at = start;
  const accept = (set: string) => {
    const hit = at < text.length && set.includes(text[at] ?? '');
    if (hit) at++;
    return hit;
  };
  const acceptRun = (set: string) => {
    while (accept(set));
  };
  accept('+-');
  let digits = '0123456789_';
  if (accept('0')) {
    if (accept('xX')) digits = '0123456789abcdefABCDEF_';
    else if (accept('oO')) digits = '01234567_';
    else if (accept('bB')) digits = '01_';
  }
  acceptRun(digits);
  if (accept('.')) acceptRun(digits);
  if (digits.length === 11 && accept('eE')) {
    accept('+-');
    acceptRun('0123456789_');
  }
  if (digits.length === 23 && accept('pP')) {
    accept('+-');
    acceptRun('0123456789_');
  }
  accept('i');
  const next = characterAt(text, at);
  return isWord(next) ? { end: at + (next?.length ?? 0), good: false } : { end: at, good: true };
}

function characterAt(text: string, at: number): string | undefined {
  const code = text.codePointAt(at);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

const singles: Record<string, TokenType> = { '=': 'assign', '|': 'pipe' };
const quoted: Record<string, [TokenType, string]> = {
  '"': ['string', 'unterminated quoted string'],
  "'": ['constant', 'unterminated character constant'],
};

/** Cuts a template into tokens, one at a time; after an error token there is only the end of the text. */
export function createLexer(text: string): () => Token {
  let at = 0;
  let inAction = false;
  let depth = 0;
  let failed = false;
  let line = 1;
  let counted = 0;

  function token(type: TokenType, start: number, end: number): Token {
    for (; counted < start; counted++) if (text[counted] === '\n') line++;
    at = end;
    return { type, value: text.slice(start, end), position: start, line };
  }

  function fail(start: number, message: string): Token {
    const result = { ...token('error', start, start), value: message };
    failed = true;
    return result;
  }

  /** Whether the text is at `}}` or ` -}}`. */
  function rightDelimiter(from: number): 'plain' | 'trimming' | null {
    if (isSpace(text[from]) && text.startsWith('-}}', from + 1)) return 'trimming';
    return text.startsWith('}}', from) ? 'plain' : null;
  }

  function skipSpace(): void {
    while (isSpace(text[at])) at++;
  }

  /** Whether what comes next may follow a word. */
  function atTerminator(from: number): boolean {
    const next = text[from];
    return next === undefined || isSpace(next) || '.,|:)('.includes(next) || text.startsWith('}}', from);
  }

  function nextInText(): Token | null {
    const start = at;
    const found = text.indexOf('{{', at);
    if (found < 0) return token(start < text.length ? 'text' : 'end of text', start, text.length);
    const trims = text[found + 2] === '-' && isSpace(text[found + 3]);
    let end = found;
    if (trims) while (end > start && isSpace(text[end - 1])) end--;
    if (end > start) {
      const result = token('text', start, end);
      at = found;
      return result;
    }
    const inside = found + 2 + (trims ? 2 : 0);
    if (text.startsWith('/*', inside)) return comment(found, inside);
    const result = token('left delimiter', found, found + 2);
    at = inside;
    inAction = true;
    depth = 0;
    return result;
  }

  function comment(start: number, inside: number): Token | null {
    const end = text.indexOf('*/', inside + 2);
    if (end < 0) return fail(start, 'unclosed comment');
    const delimiter = rightDelimiter(end + 2);
    if (!delimiter) return fail(start, 'comment ends before closing delimiter');
    at = end + 4 + (delimiter === 'trimming' ? 2 : 0);
    if (delimiter === 'trimming') skipSpace();
    return null;
  }

  function endAction(delimiter: 'plain' | 'trimming'): Token {
    const start = delimiter === 'trimming' ? at + 2 : at;
    const result = token('right delimiter', start, start + 2);
    if (delimiter === 'trimming') skipSpace();
    inAction = false;
    return result;
  }

  function nextInAction(): Token {
    const delimiter = rightDelimiter(at);
    if (delimiter) return depth === 0 ? endAction(delimiter) : fail(at, 'unclosed left paren');
    const start = at;
    const character = characterAt(text, at);
    if (character === undefined) return fail(start, 'unclosed action');
    if (isSpace(character)) {
      let end = at;
      while (isSpace(text[end]) && !(end > start && rightDelimiter(end) === 'trimming')) end++;
      return token('space', start, end);
    }
    const single = singles[character];
    if (single) return token(single, start, start + 1);
    if (character === ':') {
      if (text[at + 1] !== '=') return fail(start, 'expected :=');
      return token('declare', start, start + 2);
    }
    const quotes = quoted[character];
    if (quotes) return quotedText(start, character, ...quotes);
    if (character === '`') {
      const end = text.indexOf('`', start + 1);
      return end < 0 ? fail(start, 'unterminated raw quoted string') : token('raw string', start, end + 1);
    }
    if (character === '$') return fieldOrVariable(start, 'variable');
    // A dot at the very end counts as the beginning of a number.
    if (character === '.' && /[^\d]/.test(text[at + 1] ?? '')) return fieldOrVariable(start, 'field');
    if (/[+\-.\d]/.test(character)) return number(start);
    if (isWord(character)) return identifier(start);
    if (character === '(') {
      depth++;
      return token('left parenthesis', start, start + 1);
    }
    if (character === ')') {
      depth--;
      if (depth < 0) return fail(start, 'unexpected right paren');
      return token('right parenthesis', start, start + 1);
    }
    if (character < '\x7f' && isPrintable(character)) return token('character', start, start + 1);
    const code = character.codePointAt(0) ?? 0;
    return fail(start, `unrecognized character in action: ${named(code)}`);
  }

  function quotedText(start: number, mark: string, type: TokenType, complaint: string): Token {
    for (let end = start + 1; end < text.length && text[end] !== '\n'; end++) {
      if (text[end] === mark) return token(type, start, end + 1);
      if (text[end] === '\\') {
        if (text[end + 1] === '\n') break;
        end++;
      }
    }
    return fail(start, complaint);
  }

  function fieldOrVariable(start: number, type: 'field' | 'variable'): Token {
    let end = start + 1;
    if (atTerminator(end)) return token(type === 'variable' ? 'variable' : 'dot', start, end);
    while (isWord(characterAt(text, end))) end += characterAt(text, end)?.length ?? 1;
    return atTerminator(end) ? token(type, start, end) : badCharacter(start, end);
  }

  function identifier(start: number): Token {
    let end = start;
    while (isWord(characterAt(text, end))) end += characterAt(text, end)?.length ?? 1;
    if (!atTerminator(end)) return badCharacter(start, end);
    const name = text.slice(start, end);
    if (isKeyword(name)) return token(name, start, end);
    return token(name === 'true' || name === 'false' ? 'bool' : 'identifier', start, end);
  }

  function badCharacter(start: number, at: number): Token {
    return fail(start, `bad character ${named(text.codePointAt(at) ?? 0)}`);
  }

  function number(start: number): Token {
    const first = scanNumber(text, start);
    if (!first.good) return fail(start, `bad number syntax: ${quote(text.slice(start, first.end))}`);
    const sign = text[first.end];
    if (sign !== '+' && sign !== '-') return token('number', start, first.end);
    const second = scanNumber(text, first.end);
    if (!second.good || text[second.end - 1] !== 'i') {
      return fail(start, `bad number syntax: ${quote(text.slice(start, second.end))}`);
    }
    return token('complex', start, second.end);
  }

  return () => {
    while (!failed) {
      const result = inAction ? nextInAction() : nextInText();
      if (result) return result;
    }
    return { type: 'end of text', value: '', position: text.length, line };
  };
}

/** A character as `U+0040 '@'`. */
function named(code: number): string {
  const character = String.fromCodePoint(code);
  return isPrintable(character) ? `${unicodeName(code)} '${character}'` : unicodeName(code);
}
