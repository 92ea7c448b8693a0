/** `HOST:IP` as a line of /etc/hosts, `IP HOST`. */
export function hostLines(hosts: readonly string[]): string[] {
  return hosts.map((text) => {
    const [, host = '', address = ''] = /^([^:]*):(.*)$/.exec(text) ?? [];
    return `${address} ${host}`;
  });
}

/** Lines of /etc/hosts without those that are removed, as `HOST` or `HOST:IP`, and with those that are added. */
export function changeHosts(
  before: readonly string[],
  added: readonly string[],
  removed: readonly string[],
): string[] {
  const left = before.filter((line) => {
    const [address = '', ...names] = line.split(/\s+/);
    return !names.some((name) => removed.includes(name) || removed.includes(`${name}:${address}`));
  });
  return [...left, ...hostLines(added).filter((line) => !left.includes(line))];
}
