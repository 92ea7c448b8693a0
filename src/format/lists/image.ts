import type { ImageSummary } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { shortId } from '../text.ts';
import { humanDuration, humanSize } from '../units.ts';
import { localTime } from '../zone.ts';

/** One line of a list of images: an image under one of its names. */
export interface ImageRow {
  image: ImageSummary;
  repository: string;
  tag: string;
  digest: string;
}

const none = '<none>';

/** Parts of a name as an image's list of names holds it; null when it is none. */
function splitName(name: string): { repository: string; tag: string; digest: string } | null {
  const [, repository, tag = '', digest = ''] =
    /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@([\w+.-]+:[0-9a-f]+))?$/.exec(name) ?? [];
  if (repository === undefined) return null;
  return { repository: repository.replace(/^docker\.io\/(?:library\/)?/, ''), tag, digest };
}

function grouped(names: string[], value: 'tag' | 'digest'): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const parts = splitName(name);
    if (!parts || parts[value] === '') continue;
    groups.set(parts.repository, [...(groups.get(parts.repository) ?? []), parts[value]]);
  }
  return groups;
}

function withoutNone(names: string[] | null | undefined): string[] {
  return (names ?? []).filter((name) => !name.startsWith('<none>'));
}

/** The lines of one image: one for each tag, or for each tag and digest when digests are shown. */
function rowsOf(image: ImageSummary, options: { digestRows: boolean; digestShown: boolean }): ImageRow[] {
  const tags = grouped(withoutNone(image.RepoTags), 'tag');
  const digests = grouped(withoutNone(image.RepoDigests), 'digest');
  if (tags.size === 0 && digests.size === 0) return [{ image, repository: none, tag: none, digest: none }];
  const rows: ImageRow[] = [];
  for (const [repository, names] of tags) {
    const own = options.digestShown ? (digests.get(repository) ?? []) : [];
    digests.delete(repository);
    for (const tag of names) {
      for (const digest of own.length > 0 ? own : [none]) rows.push({ image, repository, tag, digest });
    }
  }
  for (const [repository, own] of digests) {
    for (const digest of options.digestRows ? own : ['']) rows.push({ image, repository, tag: none, digest });
  }
  return rows;
}

/** The lines of a list. `digestRows`: `--digests`; `digestShown`: it, or a format that shows them. */
export function imageRows(
  images: ImageSummary[],
  options: { digestRows: boolean; digestShown: boolean },
): ImageRow[] {
  return images.flatMap((image) => rowsOf(image, options));
}

/** The time of images that do not know when they were made: the year 1. */
const unknownTime = -62135596800;

/** What a list of images can show. */
export function imageList({ whole, now }: { whole: boolean; now: Date }): ListDefinition<ImageRow> {
  const counted = (size: number | undefined) => (size === undefined || size < 0 ? 'N/A' : humanSize(size));
  return {
    goName: 'formatter.imageContext',
    columns: {
      ID: { heading: 'IMAGE ID', of: ({ image }) => (whole ? image.Id : shortId(image.Id)) },
      Repository: { heading: 'REPOSITORY', of: ({ repository }) => repository },
      Tag: { heading: 'TAG', of: ({ tag }) => tag },
      Digest: { heading: 'DIGEST', of: ({ digest }) => digest },
      CreatedSince: {
        heading: 'CREATED',
        of: ({ image }) =>
          image.Created === unknownTime ? '' : `${humanDuration(now.getTime() / 1000 - image.Created)} ago`,
      },
      CreatedAt: {
        heading: 'CREATED AT',
        of: ({ image }) => (image.Created === unknownTime ? '' : localTime(image.Created)),
      },
      Size: { heading: 'SIZE', of: ({ image }) => humanSize(image.Size, 3) },
      Containers: {
        heading: 'CONTAINERS',
        of: ({ image }) => ((image.Containers ?? -1) < 0 ? 'N/A' : String(image.Containers)),
      },
      VirtualSize: { heading: 'SIZE', of: ({ image }) => humanSize(image.Size) },
      SharedSize: { heading: 'SHARED SIZE', of: ({ image }) => counted(image.SharedSize) },
      UniqueSize: {
        heading: 'UNIQUE SIZE',
        of: ({ image }) =>
          image.SharedSize === undefined || image.SharedSize < 0
            ? 'N/A'
            : humanSize(image.Size - image.SharedSize),
      },
    },
  };
}
