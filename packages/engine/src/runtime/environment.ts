const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment of a container's process, as dockerd makes it: PATH, the host name and on a terminal TERM come
 * first, then what was asked for, of which the last of each name counts, a name without a value takes its
 * variable away, and HOME is added where it is missing.
 */
export function buildEnvironment(options: {
  hostname: string;
  terminal: boolean;
  home: string;
  wanted: readonly string[];
}): string[] {
  const first = [`PATH=${defaultPath}`, `HOSTNAME=${options.hostname}`];
  if (options.terminal) first.push('TERM=xterm');
  const variables = mergeEnvironment(first, options.wanted);
  if (!variables.some((variable) => variable.startsWith('HOME='))) variables.push(`HOME=${options.home}`);
  return variables;
}

/** Lays variables over others: a name without a value takes the variable away. */
function mergeEnvironment(lower: readonly string[], upper: readonly string[]): string[] {
  const variables = new Map<string, string>();
  for (const variable of [...lower, ...upper]) {
    const equals = variable.indexOf('=');
    if (equals < 0) variables.delete(variable);
    else variables.set(variable.slice(0, equals), variable);
  }
  return [...variables.values()];
}
