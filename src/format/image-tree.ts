import type { ImageSummary } from '@davit/api';
import { alignTabs } from './table.ts';
import { shortId } from './text.ts';
import { humanSize } from './units.ts';

/** What an engine tells of an image's parts, one for each platform. */
interface Manifest {
  ID: string;
  Available?: boolean;
  Kind?: string;
  Size?: { Content?: number; Total?: number };
  ImageData?: {
    Platform?: { os?: string; architecture?: string; variant?: string };
    Containers?: string[] | null;
  };
}

export type TreeImage = ImageSummary & { Manifests?: Manifest[] | null };

interface Row {
  name: string;
  id: string;
  total: number;
  content: number;
  inUse: boolean;
}

function platformName({ ImageData }: Manifest): string {
  const { os = '', architecture = '', variant = '' } = ImageData?.Platform ?? {};
  return [os, architecture, variant].filter((part) => part !== '').join('/') || 'unknown';
}

function rowsOf(image: TreeImage): Row[] {
  const names = (image.RepoTags ?? []).filter((name) => !name.startsWith('<none>'));
  const parts = (image.Manifests ?? []).filter(({ Kind = 'image' }) => Kind === 'image');
  const content = parts.reduce((sum, { Size }) => sum + (Size?.Content ?? 0), 0);
  const [first = '<untagged>', ...others] = names;
  const top: Row = {
    name: first,
    id: shortId(image.Id),
    total: image.Size,
    content,
    inUse: image.Containers > 0,
  };
  return [
    top,
    ...others.map((name) => ({ ...top, name })),
    ...parts.map((part, index) => ({
      name: `${index === parts.length - 1 ? '└─' : '├─'} ${platformName(part)}`,
      id: shortId(part.ID),
      total: part.Size?.Total ?? 0,
      content: part.Size?.Content ?? 0,
      inUse: (part.ImageData?.Containers ?? []).length > 0,
    })),
  ];
}

/** Images with what they hold for each platform below them. */
export function imageTree(images: readonly TreeImage[]): string {
  const lines = images.flatMap((image) =>
    rowsOf(image).map(({ name, id, total, content, inUse }) =>
      [name, id, humanSize(total, 3), humanSize(content, 3), inUse ? 'in use' : ''].join('\t'),
    ),
  );
  return alignTabs(`${['IMAGE\tID\tDISK USAGE\tCONTENT SIZE\tEXTRA', ...lines].join('\n')}\n`);
}
