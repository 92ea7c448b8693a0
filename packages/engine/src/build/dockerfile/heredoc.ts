/** A document that follows an instruction: `<<NAME`, its lines, `NAME`. */
export interface Heredoc {
  name: string;
  /** Its lines, each with a line feed. */
  content: string;
  /** Whether variables in it are put in: not when its name is quoted. */
  expand: boolean;
  /** The word that announces it: `<<-"EOF"`. */
  word: string;
  /** Its end was found. */
  closed: boolean;
}

const announcement = /(?:^|\s)(\d*<<(-?)(["']?)([A-Za-z0-9_.][^\s"'<]*)\3)(?=\s|$)/g;

/** The here-documents that a line of arguments announces, read from the lines after it. */
export function heredocsIn(line: string, following: readonly string[], escapedBy: string): Heredoc[] {
  const bare = withoutQuoted(line, escapedBy);
  let at = 0;
  return Array.from(bare.matchAll(announcement), ([, word = '', dash, quote, name = '']) => {
    const body: string[] = [];
    let closed = false;
    while (at < following.length && !closed) {
      const text = following[at] ?? '';
      const own = dash ? text.replace(/^\t+/, '') : text;
      at += 1;
      closed = own === name;
      if (!closed) body.push(`${own}\n`);
    }
    return { name, content: body.join(''), expand: quote === '', word, closed };
  });
}

/** Blanks out quoted texts that hold blanks: what is in them announces nothing. */
function withoutQuoted(line: string, escapedBy: string): string {
  const e = escapedBy === '\\' ? '\\\\' : escapedBy;
  return line.replace(new RegExp(`"(?:${e}.|[^"])*"|'[^']*'`, 'g'), (quoted) =>
    /\s/.test(quoted) ? ' '.repeat(quoted.length) : quoted,
  );
}
