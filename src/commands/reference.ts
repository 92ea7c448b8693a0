/** Checks of names of images as docker's client makes them, before an engine is asked. */

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const remoteName = `${pathComponent}(?:/${pathComponent})*`;
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const reference = new RegExp(`^((?:${domain}/)?${remoteName})(?::[\\w][\\w.-]{0,127})?(?:@${digest})?$`);
const longestName = 255;

/** The host that a name begins with, docker.io where it begins with none, and what follows it. */
function splitDomain(name: string): { host: string; rest: string } {
  const at = name.indexOf('/');
  const first = name.slice(0, at);
  const isHost = at >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (!isHost) return { host: 'docker.io', rest: name.includes('/') ? name : `library/${name}` };
  const rest = name.slice(at + 1);
  if (first !== 'docker.io' && first !== 'index.docker.io') return { host: first, rest };
  return { host: 'docker.io', rest: rest.includes('/') ? rest : `library/${rest}` };
}

/** Throws Error with docker's words when a text is no name of an image. */
export function checkReference(text: string): void {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new Error(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { host, rest } = splitDomain(text);
  const [path = ''] = rest.split(':');
  if (path !== path.toLowerCase()) {
    throw new Error(`invalid reference format: repository name (${path}) must be lowercase`);
  }
  const whole = `${host}/${rest}`;
  const [, name = ''] = reference.exec(whole) ?? [];
  if (name === '') {
    const onlyCase = reference.test(whole.toLowerCase());
    throw new Error(onlyCase ? 'repository name must be lowercase' : 'invalid reference format');
  }
  if (name.length > longestName) {
    throw new Error(`repository name must not be more than ${longestName} characters`);
  }
}
