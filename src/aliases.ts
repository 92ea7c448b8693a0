import { isTaken } from './program.ts';

/**
 * The words that are meant by those that were typed, by the aliases of config.json; null when none applies. With
 * docker `builder` alone can be one, and what it names builds in place of `build` and `image build` too; davit
 * takes any word that is no command.
 */
export function resolveAlias(words: string[], aliases: Readonly<Record<string, string>>): string[] | null {
  const [first = '', second] = words;
  const split = (name: string) =>
    Object.hasOwn(aliases, name) ? (aliases[name] ?? '').split(' ').filter(Boolean) : [];
  const builder = split('builder').filter((word) => word !== 'builder');
  if (builder.length > 0) {
    if (first === 'builder') return [...builder, ...words.slice(1)];
    if (first === 'build') return [...builder, ...words];
    if (first === 'image' && second === 'build') return [...builder, ...words.slice(1)];
  }
  if (isTaken(first)) return null;
  const meant = split(first);
  // An alias that is no command either is for plugins, and never for another alias.
  return meant.length > 0 && meant[0] !== first && !Object.hasOwn(aliases, meant[0] ?? '')
    ? [...meant, ...words.slice(1)]
    : null;
}
