import { EngineError } from '../errors.ts';

/** Splits the arguments of a Dockerfile instruction at blanks outside of quotes; quotes stay where they are. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s])+/gs) ?? [];
}

/** Looks up a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

const variable = /\$(?:(\w+)|\{(\w+)(?:(:[-+])((?:\\.|[^}\\])*))?\})/y;

/** Takes the quotes and escapes off a word and puts in its variables, as the Dockerfile's shell does. */
export function expandWord(word: string, lookup: Lookup): string {
  let result = '';
  let quote = '';
  for (let at = 0; at < word.length; ) {
    const c = word.charAt(at);
    const next = word.charAt(at + 1);
    if (quote === "'" ? c === "'" : (c === '"' && quote !== '') || (quote === '' && /['"]/.test(c))) {
      quote = quote === '' ? c : '';
      at += 1;
    } else if (c === '\\' && quote !== "'" && next !== '') {
      result += quote === '"' && !/["$\\]/.test(next) ? c + next : next;
      at += 2;
    } else if (c === '$' && quote !== "'") {
      variable.lastIndex = at;
      const match = variable.exec(word);
      if (!match && next === '{')
        throw new EngineError('badParameter', `unsupported substitution in ${word}`);
      result += match ? substitute(match, lookup) : c;
      at += match ? match[0].length : 1;
    } else {
      result += c;
      at += 1;
    }
  }
  if (quote !== '')
    throw new EngineError('badParameter', `unexpected end of statement while looking for matching quote`);
  return result;
}

function substitute([, bare, braced, operator, word = '']: RegExpExecArray, lookup: Lookup): string {
  const value = lookup(bare ?? braced ?? '') ?? '';
  if (operator === ':-') return value === '' ? expandWord(word, lookup) : value;
  if (operator === ':+') return value === '' ? '' : expandWord(word, lookup);
  return value;
}
