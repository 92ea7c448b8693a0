const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Whether a character is printed as it is inside quotes. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

function quoteCharacter(character: string, mark: string, ascii: boolean): string {
  if (character === mark) return `\\${mark}`;
  const known = escapes[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return ascii ? '\\ufffd' : '\ufffd';
  if (ascii ? code >= 0x20 && code < 0x7f : isPrintable(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** A text in double quotes as Go's `%q` writes it. */
export function quote(text: string, ascii = false): string {
  return `"${[...text].map((character) => quoteCharacter(character, '"', ascii)).join('')}"`;
}

/** A character in single quotes as Go's `%q` writes it. */
export function quoteRune(code: number, ascii = false): string {
  return `'${quoteCharacter(runeText(code), "'", ascii)}'`;
}

/** The character of a code point; U+FFFD for what is none. */
export function runeText(code: number): string {
  const valid = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return String.fromCodePoint(valid ? code : 0xfffd);
}

/** A code point as `U+0041`. */
export function unicodeName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

const simple: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Reads the inside of a quoted Go text or character; null when an escape in it is none. */
export function unquoteInside(inside: string, mark: '"' | "'"): string | null {
  const pattern = /\\(x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|[0-7]{3}|[abfnrtv\\'"])|[^\\]/giu;
  let result = '';
  let bytes: number[] = [];
  const flush = () => {
    result += Buffer.from(bytes).toString();
    bytes = [];
  };
  let end = 0;
  for (const match of inside.matchAll(pattern)) {
    if (match.index !== end) return null;
    end += match[0].length;
    const [whole, sequence] = match;
    if (sequence === undefined) {
      if (whole === mark) return null;
      flush();
      result += whole;
      continue;
    }
    const kind = sequence[0] ?? '';
    if (kind === 'x' || /[0-7]/.test(kind)) {
      const code = kind === 'x' ? Number.parseInt(sequence.slice(1), 16) : Number.parseInt(sequence, 8);
      if (code > 255) return null;
      // A byte of a text; in a character it is a code point.
      if (mark === '"') bytes.push(code);
      else result += runeText(code);
      continue;
    }
    flush();
    if (kind === 'u' || kind === 'U') {
      const code = Number.parseInt(sequence.slice(1), 16);
      if (runeText(code) === '\ufffd' && code !== 0xfffd) return null;
      result += runeText(code);
      continue;
    }
    const other = mark === '"' ? "'" : '"';
    const character = simple[kind];
    if (character === undefined || kind === other) return null;
    result += character;
  }
  flush();
  return end === inside.length ? result : null;
}
