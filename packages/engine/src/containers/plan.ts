import type { ContainerConfig, HostConfig } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { mergeTmpfsOptions } from '../runtime/mounts.ts';
import type { ContainerMount } from '../state/containers.ts';
import { inventVolumeName } from '../volumes/names.ts';
import { parseVolumesFrom } from './binds.ts';
import type { Context } from './context.ts';
import { checkDestination } from './mountchecks.ts';
import { parseMounts, type WishedMount } from './mounts.ts';
import { cleanPath, isBeside } from './paths.ts';

/**
 * All that is mounted in a new container: what other containers have (`--volumes-from`), over that what it was
 * given itself, and volumes without a name where the configuration wants some and nothing else is. Nothing is made
 * yet. Throws in docker's words.
 */
export function planMounts(
  context: Context,
  id: string,
  hostConfig: HostConfig,
  config: Pick<ContainerConfig, 'Volumes'>,
): WishedMount[] {
  const planned = new Map<string, WishedMount>();
  const own = parseMounts(hostConfig);
  for (const mount of inherited(context, hostConfig)) planned.set(mount.destination, mount);
  for (const mount of own) planned.set(mount.destination, complete(context, mount));
  for (const volume of Object.keys(config.Volumes ?? {})) {
    const destination = cleanPath(`/${volume}`);
    checkDestination(destination);
    if (planned.has(destination)) continue;
    planned.set(destination, complete(context, unnamedVolume(destination, hostConfig.VolumeDriver)));
  }
  return [...planned.values()].map((mount, index) => withRoot(context, mount, `${id}-mount-${index}`));
}

function inherited({ store }: Context, { VolumesFrom }: HostConfig): ContainerMount[] {
  return (VolumesFrom ?? []).flatMap((text) => {
    const { container, readOnly } = parseVolumesFrom(text);
    return find(() => store.find(container)).mounts.map((mount) => ({
      ...mount,
      mode: '',
      readOnly: mount.readOnly || readOnly,
      ...(mount.volume && { volume: { ...mount.volume, isFilled: false } }),
    }));
  });
}

/** Clients take "not found" for the container's own image. */
function find<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new EngineError('badParameter', messageOf(error), { cause: error });
  }
}

const unnamedVolume = (destination: string, driver: string): WishedMount => ({
  type: 'volume',
  source: '',
  destination,
  mode: '',
  readOnly: false,
  propagation: '',
  nonRecursive: false,
  options: '',
  createSource: false,
  volume: { name: '', driver, isAnonymous: true, isFilled: true, subpath: '' },
});

/** Says of a mount what it is going to mount: volumes get their names, images their layers. */
function complete(context: Context, mount: WishedMount): WishedMount {
  const { volumes, images } = context;
  if (mount.volume) {
    const { name, driver } = mount.volume;
    find(() => volumes.check({ name, driver, options: null, labels: null, ...mount.wish }));
    const volume = { ...mount.volume, name: name || inventVolumeName(), driver: 'local' };
    return { ...mount, volume, source: volumes.path(volume.name) };
  }
  if (mount.image) {
    const { id, layers } = find(() => images.resolve(mount.image?.name ?? ''));
    return { ...mount, image: { ...mount.image, id, layers } };
  }
  if (mount.type === 'tmpfs') mergeTmpfsOptions(mount.options);
  if (mount.type === 'bind' && mount.propagation === 'rprivate') return besideEngine(context, mount);
  return mount;
}

/** Every container has what it writes to an image that it mounts for itself. */
function withRoot({ roots }: Context, mount: WishedMount, root: string): WishedMount {
  if (!mount.image) return mount;
  const { layers } = mount.image;
  return {
    ...mount,
    image: { ...mount.image, root },
    source: roots.describe(root, layers).MergedDir ?? '',
  };
}

/** What has the engine's own mounts in it is to lose them when they go. */
function besideEngine({ config: { dataRoot } }: Context, mount: WishedMount): WishedMount {
  return isBeside(mount.source, dataRoot) ? { ...mount, propagation: 'rslave' } : mount;
}
