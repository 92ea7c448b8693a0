import { parseReference, splitDomain } from '@davit/api';

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
  const { domain, rest } = splitDomain(repository);
  const version = (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`);
  return `${domain}/${rest}${version}`;
}

/** Throws InvalidReference when a text is neither a name of an image nor the whole ID of one. */
export function checkImage(text: string): void {
  if (!/^[a-f0-9]{64}$/.test(text)) parseReference(text);
}
