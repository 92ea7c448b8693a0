/** A name of an image as a user writes it, taken apart. */
export interface ImageName {
  /** Without tag and digest. */
  repository: string;
  /** Empty when there is none. */
  tag: string;
  digest: string;
}

export function splitImageName(text: string): ImageName {
  const [, name = text, digest = ''] = /^(.*)@(.*)$/s.exec(text) ?? [];
  const [, repository = name, tag = ''] = /^(.*):([^/:]*)$/s.exec(name) ?? [];
  return { repository, tag, digest };
}

/** A name in full, as docker prints it when all went well: `docker.io/library/busybox:latest`. */
export function fullImageName({ repository, tag, digest }: ImageName): string {
  const slash = repository.indexOf('/');
  const first = repository.slice(0, slash);
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === 'localhost');
  const domain = isHost ? first : 'docker.io';
  const rest = isHost ? repository.slice(slash + 1) : repository;
  const isHub = domain === 'docker.io' || domain === 'index.docker.io';
  const path = isHub && !rest.includes('/') ? `library/${rest}` : rest;
  const version = (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`);
  return `${isHub ? 'docker.io' : domain}/${path}${version}`;
}
