/** A flag of an instruction, as in `--from=base`; a value that is not given is `true`. */
export interface Flag {
  name: string;
  value: string;
}

const known: Record<string, readonly string[]> = {
  ADD: ['checksum', 'chmod', 'chown', 'exclude', 'keep-git-dir', 'link', 'unpack'],
  COPY: ['chmod', 'chown', 'exclude', 'from', 'link', 'parents'],
  FROM: ['platform'],
  // HEALTHCHECK reads its own.
  RUN: ['device', 'mount', 'network', 'security'],
};

/**
 * Takes the flags off the arguments of an instruction; `unknown` is the name of one that the instruction does not
 * have. Values keep their variables; quotes are taken off.
 */
export function splitFlags(
  instruction: string,
  text: string,
  escapedBy: string,
): { flags: Flag[]; rest: string; unknown: string | null } {
  const flags: Flag[] = [];
  let rest = text;
  const names = known[instruction];
  if (instruction === 'HEALTHCHECK' || instruction === 'ONBUILD') return { flags, rest, unknown: null };
  for (;;) {
    const word = readWord(rest, escapedBy);
    if (word === '--') return { flags, rest: rest.slice(2).trimStart(), unknown: null };
    const [, name = '', value = 'true'] = /^--([a-zA-Z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '' || (names === undefined && !takesFlags(instruction)))
      return { flags, rest, unknown: null };
    if (!names?.includes(name)) return { flags, rest, unknown: name };
    flags.push({ name, value: value.replace(/^(["'])(.*)\1$/s, '$2') });
    rest = rest.slice(word.length).trimStart();
  }
}

/** Others take everything for an argument. */
const takesFlags = (instruction: string) =>
  !['CMD', 'ENTRYPOINT', 'MAINTAINER', 'SHELL'].includes(instruction);

function readWord(text: string, escapedBy: string): string {
  let quote = '';
  let at = 0;
  for (; at < text.length; at += 1) {
    const c = text.charAt(at);
    if (c === escapedBy && quote !== "'") at += 1;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (/\s/.test(c)) break;
  }
  return text.slice(0, at);
}

/** The last value of a flag; undefined when it was not given. */
export const flagValue = (flags: readonly Flag[], name: string): string | undefined =>
  flags.findLast((flag) => flag.name === name)?.value;

export const flagValues = (flags: readonly Flag[], name: string): string[] =>
  flags.filter((flag) => flag.name === name).map(({ value }) => value);
