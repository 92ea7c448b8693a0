import type { DiskUsage, ImageSummary } from '@davit/api';
import { formatSource } from './format-source.ts';
import { formatList, type ListDefinition } from './list.ts';
import { buildCacheList } from './lists/build-cache.ts';
import { containerList } from './lists/container.ts';
import { diskUsageRows } from './lists/disk-usage.ts';
import { type ImageRow, imageList } from './lists/image.ts';
import { volumeList } from './lists/volume.ts';
import { humanSize } from './units.ts';

const imageTable =
  'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}';
const containerTable =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}';
const cacheTable =
  'table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}';

/** An image's only line: that of its first tag. */
function imageRow(image: ImageSummary): ImageRow {
  const [first = '<none>:<none>'] = image.RepoTags ?? [];
  const colon = first.lastIndexOf(':');
  return { image, repository: first.slice(0, colon), tag: first.slice(colon + 1), digest: '<none>' };
}

/** All that takes room, one by one: what `system df -v` prints. */
export async function diskUsageText(usage: DiskUsage, target: { isTerminal: boolean }): Promise<string> {
  const now = new Date();
  const images = (usage.Images ?? []).map(imageRow);
  // What all of a container takes is told by its image.
  const containers = (usage.Containers ?? []).map((container) => ({ ...container, SizeRootFs: 0 }));
  const cache = diskUsageRows(usage).at(-1);
  const parts: [string, Promise<string>][] = [
    ['Images space usage:', formatList(imageList({ whole: false, now }), images, imageTable, target)],
    [
      'Containers space usage:',
      formatList(containerList({ whole: false, now }), containers, containerTable, target),
    ],
    [
      'Local Volumes space usage:',
      formatList(volumeList, usage.Volumes ?? [], 'table {{.Name}}\t{{.Links}}\t{{.Size}}', target),
    ],
    [
      `Build cache usage: ${humanSize(cache?.size ?? 0)}`,
      formatList(buildCacheList({ whole: false, now }), usage.BuildCache ?? [], cacheTable, target),
    ],
  ];
  const texts = await Promise.all(parts.map(async ([heading, table]) => `${heading}\n\n${await table}`));
  return texts.join('\n');
}

/** The same lists by a template that sees all four of them. Throws CommandError when it does not work. */
export async function diskUsageByTemplate(usage: DiskUsage, format: string): Promise<string> {
  const [{ compileTemplate }, { createRowMaker }, { templateFailure }, value] = await Promise.all([
    import('./template/template.ts'),
    import('./rows.ts'),
    import('./template/failure.ts'),
    import('./go/value.ts'),
  ]);
  const now = new Date();
  const list = <T>(definition: ListDefinition<T>, items: readonly T[]) => {
    const rows = items.map(createRowMaker(definition).row);
    return value.makeValue(value.sliceOf(rows[0]?.type ?? value.anyType), rows);
  };
  const fields = {
    Images: list(imageList({ whole: true, now }), (usage.Images ?? []).map(imageRow)),
    Containers: list(
      containerList({ whole: true, now }),
      (usage.Containers ?? []).map((container) => ({ ...container, SizeRootFs: 0 })),
    ),
    Volumes: list(volumeList, usage.Volumes ?? []),
    BuildCache: list(buildCacheList({ whole: true, now }), usage.BuildCache ?? []),
  };
  const types = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));
  const isYaml = format === 'yaml';
  const source = formatSource(isYaml ? 'json' : format);
  try {
    const context = value.structOf('formatter.diskUsageContext', types);
    const all = value.makeValue(value.pointerTo(context), value.makeValue(context, fields));
    const text = compileTemplate(source.text).render(all);
    return isYaml ? (await import('./yaml.ts')).yamlOf(text) : text;
  } catch (error) {
    throw templateFailure('', error, 1, source);
  }
}
