/** Whether one word is another with one letter too many, missing or wrong. */
export function isNear(known: string, word: string): boolean {
  if (Math.abs(known.length - word.length) > 1) return false;
  let at = 0;
  while (at < known.length && known[at] === word[at]) at += 1;
  const [a, b] = [known.slice(at), word.slice(at)];
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1);
}
