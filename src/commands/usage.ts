/**
 * What follows `Usage:` for a command, whose ways to be called stand on lines of their own: those after the first are
 * indented and name the command by its verb alone, as docker writes them.
 */
export function usageText(usage: string, program: string, path: string): string {
  const [first = '', ...more] = usage.split('\n');
  const verb = path.split(' ').at(-1);
  return [
    `${program} ${path} ${first}`.trimEnd(),
    ...more.map((line) => `\t${program} ${verb} ${line}`),
  ].join('\n');
}
