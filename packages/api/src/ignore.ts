/** Which files patterns as those of .dockerignore leave out. */
export interface IgnoreRules {
  /** Whether a path, relative and with slashes, is left out: by itself, or with a folder that it is in. */
  ignores(path: string): boolean;
  /** Whether nothing in a folder that is left out can be let in again. */
  prunes(folder: string): boolean;
}

/** A pattern that means nothing. */
export class IgnoreError extends Error {
  override name = 'IgnoreError';
}

/** Takes the patterns out of the text of a .dockerignore file. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const inverted = line.startsWith('!');
      const pattern = inverted ? line.slice(1).trim() : line;
      const clean = pattern === '' ? '' : cleanPath(pattern);
      const relative = clean.length > 1 ? clean.replace(/^\//, '') : clean;
      return inverted ? `!${relative}` : relative;
    });
}

/** Go's filepath.Clean. */
function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!isAbsolute) names.push(name);
  }
  const joined = (isAbsolute ? '/' : '') + names.join('/');
  return joined === '' ? '.' : joined;
}

interface Pattern {
  exclusion: boolean;
  expression: RegExp;
  /** The folders it names, up to the first that is a pattern itself. */
  fixed: string;
}

/** Makes the rules that patterns stand for, by docker's way of matching. Throws IgnoreError. */
export function createIgnoreRules(patterns: readonly string[]): IgnoreRules {
  const rules = patterns
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .map(compile);
  const exclusions = rules.filter(({ exclusion }) => exclusion);
  return {
    ignores(path) {
      const names = path.split('/');
      let matched = false;
      for (const { exclusion, expression } of rules) {
        if (exclusion !== matched) continue;
        // A folder that is left out takes along what is in it.
        const matches = names.some((_, at) => expression.test(names.slice(0, at + 1).join('/')));
        if (matches) matched = !exclusion;
      }
      return matched;
    },
    prunes: (folder) =>
      exclusions.every(
        ({ fixed }) =>
          !(`${fixed}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${fixed}/`) || fixed === ''),
      ),
  };
}

function compile(text: string): Pattern {
  const exclusion = text.startsWith('!');
  if (text === '!') throw new IgnoreError('illegal exclusion pattern: "!"');
  const pattern = cleanPath(exclusion ? text.slice(1) : text);
  const fixedNames: string[] = [];
  for (const name of pattern.split('/')) {
    if (/[*?[\\]/.test(name)) break;
    fixedNames.push(name);
  }
  try {
    return { exclusion, expression: new RegExp(sourceOf(pattern), 's'), fixed: fixedNames.join('/') };
  } catch {
    throw new IgnoreError(`syntax error in pattern: ${text}`);
  }
}

function sourceOf(pattern: string): string {
  let source = '^';
  for (let at = 0; at < pattern.length; at += 1) {
    const c = pattern.charAt(at);
    if (c === '*' && pattern.charAt(at + 1) === '*') {
      at += 1;
      if (pattern.charAt(at + 1) === '/') at += 1;
      source += at + 1 >= pattern.length ? '.*' : '(?:.*/)?';
    } else if (c === '*') source += '[^/]*';
    else if (c === '?') source += '[^/]';
    else if (c === '\\') {
      at += 1;
      if (at >= pattern.length) throw new IgnoreError(`syntax error in pattern: ${pattern}`);
      source += RegExp.escape(pattern.charAt(at));
    } else if (c === '[' || c === ']' || c === '^' || c === '-') source += c;
    else source += RegExp.escape(c);
  }
  return `${source}$`;
}
