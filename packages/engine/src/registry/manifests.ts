import { createHash } from 'node:crypto';
import { EngineError } from '../errors.ts';
import { readBody } from './http.ts';
import type { Session } from './session.ts';

/** A manifest or an index, byte for byte. */
export interface FetchedManifest {
  digest: string;
  mediaType: string;
  content: Buffer;
}

export const mediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const accepted = [
  mediaTypes.manifest,
  mediaTypes.list,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  // The old form is asked for to be able to say that it is not taken.
  'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1',
];

/** What the distribution specification asks of every registry to take. */
const largestManifest = 4 * 1024 * 1024;
const largestList = 16 * 1024 * 1024;
const mostPages = 1000;

export const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

const pathOf = (repository: string, reference: string) => `${repository}/manifests/${reference}`;

/** Fetches what `reference`, a tag or a digest, stands for. Throws RegistryError. */
export async function fetchManifest(
  session: Session,
  repository: string,
  reference: string,
): Promise<FetchedManifest> {
  const headers = { accept: accepted.join(', ') };
  const answer = await session.request({ method: 'GET', path: pathOf(repository, reference), headers });
  const content = await readBody(answer, largestManifest);
  const digest = digestOf(content);
  if (reference.includes(':') && reference !== digest)
    throw new EngineError('internal', `manifest verification failed for digest ${reference}`);
  const mediaType = (answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  return { digest, mediaType, content };
}

/** Stores a manifest under a tag or its digest. */
export async function storeManifest(
  session: Session,
  repository: string,
  reference: string,
  { mediaType, content }: FetchedManifest,
): Promise<void> {
  const answer = await session.request({
    ...{ method: 'PUT', path: pathOf(repository, reference), body: () => content },
    headers: { 'content-type': mediaType, 'content-length': content.length },
  });
  answer.body.resume();
}

/** All tags of a repository, page by page. */
export async function listTags(session: Session, repository: string): Promise<string[]> {
  const tags: string[] = [];
  let path: string | URL | undefined = `${repository}/tags/list`;
  for (let size = 0, pages = 0; path !== undefined; pages++) {
    if (pages === mostPages)
      throw new EngineError('internal', `the list of tags of ${repository} has no end`);
    const answer = await session.request({ method: 'GET', path });
    const body = await readBody(answer, largestManifest);
    size += body.length;
    if (size > largestList)
      throw new EngineError('internal', `the list of tags of ${repository} is too long`);
    const page = tagsOf(String(body));
    if (page === null) throw new EngineError('internal', `the list of tags of ${repository} cannot be read`);
    tags.push(...page);
    const [, next] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(String(answer.headers.link ?? '')) ?? [];
    path = next === undefined ? undefined : (URL.parse(next, answer.url.href) ?? undefined);
    if (page.length === 0) break;
  }
  return tags;
}

/** The tags on a page of their list, null when it is none. */
function tagsOf(page: string): string[] | null {
  let tags: unknown;
  try {
    tags = (JSON.parse(page) as { tags?: unknown } | null)?.tags ?? [];
  } catch {
    return null;
  }
  const isTag = (one: unknown) => typeof one === 'string' && /^\w[\w.-]{0,127}$/.test(one);
  return Array.isArray(tags) && tags.every(isTag) ? tags : null;
}
