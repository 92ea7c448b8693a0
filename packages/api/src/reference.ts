/** A name of an image in full: where it lives, what it is called there, and which of its versions is meant. */
export interface Reference {
  /** Host of the registry, with a port if there is one. */
  domain: string;
  /** Path of the repository in it. */
  path: string;
  /** Empty when none was given. */
  tag: string;
  /** `sha256:…`, empty when none was given. */
  digest: string;
}

const defaultDomain = 'docker.io';
const legacyDomain = 'index.docker.io';
const officialPath = 'library';
const defaultTag = 'latest';
const longestName = 255;

// The grammar of distribution/reference, put together when it is first needed.
const alphanumeric = '[a-z0-9]+';
const separator = '(?:[._]|__|-+)';
const component = `${alphanumeric}(?:${separator}${alphanumeric})*`;
const hostPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${hostPart}(?:\\.${hostPart})*|\\[[a-fA-F0-9:]+\\])`;
const domainPattern = `${host}(?::[0-9]+)?`;
const tagPattern = '\\w[\\w.-]{0,127}';
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
let compiled: RegExp | undefined;
const grammar = (): RegExp => {
  compiled ??= new RegExp(
    `^(?:(${domainPattern})/)?(${component}(?:/${component})*)(?::(${tagPattern}))?(?:@(${digestPattern}))?$`,
  );
  return compiled;
};

const digestLengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

/** A text that is no name of an image, or no digest; the message is docker's. */
export class InvalidReference extends Error {
  override name = 'InvalidReference';
}

function refuse(message: string): never {
  throw new InvalidReference(message);
}

/** Checks a digest as far as it can be checked without what it is the digest of. Throws InvalidReference. */
export function checkDigest(digest: string): string {
  const [, algorithm = '', hex = ''] =
    /^([^:]*):(.*)$/s.exec(digest) ?? refuse('invalid checksum digest format');
  const length = digestLengths[algorithm] ?? refuse('unsupported digest algorithm');
  if (hex.length !== length) refuse('invalid checksum digest length');
  if (!/^[0-9a-f]+$/.test(hex)) refuse('invalid checksum digest format');
  return digest;
}

/** The registry that a name speaks of, docker.io when it names none, and the rest; both as far as they can be told. */
export function splitDomain(name: string): { domain: string; rest: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  const named =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = named && first !== legacyDomain ? first : defaultDomain;
  const rest = named ? name.slice(slash + 1) : name;
  return { domain, rest: domain === defaultDomain && !rest.includes('/') ? `${officialPath}/${rest}` : rest };
}

/** Reads a name as users write it, with docker's words for what is wrong. Throws InvalidReference. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text))
    refuse(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  const name = rest.split(':', 1)[0] ?? '';
  if (name !== name.toLowerCase())
    refuse(`invalid reference format: repository name (${name}) must be lowercase`);
  const whole = `${domain}/${rest}`;
  const match = grammar().exec(whole);
  const [, , path = '', tag = '', digest = ''] = match ?? [];
  if (!match && grammar().test(whole.toLowerCase())) refuse('repository name must be lowercase');
  if (match?.[1] !== domain) refuse('invalid reference format');
  if (path.length > longestName) refuse(`repository name must not be more than ${longestName} characters`);
  if (digest !== '') checkDigest(digest);
  return { domain, path, tag, digest };
}

/** The reference with the tag that is meant when there is neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === '' && reference.digest === '' ? { ...reference, tag: defaultTag } : reference;
}

const versionOf = ({ tag, digest }: Reference): string =>
  (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`);

/** A reference in full: `docker.io/library/busybox:latest`. */
export function formatReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${versionOf(reference)}`;
}

/** The repository as users know it: `busybox`. */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const [first, second, ...more] = path.split('/');
  return first === officialPath && second !== undefined && more.length === 0 ? second : path;
}

/** A reference as users know it: `busybox:latest`. */
export function familiarReference(reference: Reference): string {
  return familiarName(reference) + versionOf(reference);
}
