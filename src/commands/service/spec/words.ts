const space = /[ \t\r\n]/;

/**
 * Splits a command line into words: quotes, escapes and comments as in a POSIX shell, nothing is expanded. Throws
 * Error when a quote stays open or nothing follows an escape.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (quote === "'") {
      if (letter === "'") quote = '';
      else word += letter;
    } else if (letter === '\\') {
      at += 1;
      if (at === text.length) throw new Error('EOF found after escape character');
      word = (word ?? '') + text.charAt(at);
    } else if (quote === '"') {
      if (letter === '"') quote = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (space.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (letter === '#' && word === null) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') throw new Error('EOF found when expecting closing quote');
  return word === null ? words : [...words, word];
}
