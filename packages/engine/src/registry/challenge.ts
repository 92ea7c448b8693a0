/** One way to show who one is, as a server asks for it (RFC 9110). */
export interface Challenge {
  /** In lower case. */
  scheme: string;
  /** Names in lower case. */
  parameters: Record<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const item = new RegExp(
  `\\s*(?:(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s",]+))|(${token})(?=\\s|,|$))\\s*(?:,\\s*)*`,
  'y',
);

/** Reads a `WWW-Authenticate` header; what cannot be read is left out. */
export function parseChallenges(header = ''): Challenge[] {
  const challenges: Challenge[] = [];
  item.lastIndex = 0;
  for (let match = item.exec(header); match; match = item.exec(header)) {
    const [, name, quoted, bare, scheme] = match;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const current = challenges.at(-1);
    if (name !== undefined && current)
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
  }
  return challenges;
}
