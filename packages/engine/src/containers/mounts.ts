import type { HostConfig, Mount, MountPoint } from '@davit/api';
import type { ContainerMount } from '../state/containers.ts';
import { parseBind } from './binds.ts';
import { bad, checkDestination, checkMount, invalidType, within } from './mountchecks.ts';
import { cleanPath } from './paths.ts';

/** A mount as in `--mount`, with what a new volume for it is to be like. */
export interface WishedMount extends ContainerMount {
  wish?: { options: Record<string, string> | null; labels: Record<string, string> | null };
}

/** Reads a mount as in `--mount type=bind,source=/a,target=/b`. */
export function parseMount(mount: Mount): WishedMount {
  within(invalidType(mount.Type), () => checkMount(mount));
  const common = {
    source: '',
    destination: cleanPath(mount.Target),
    mode: '',
    readOnly: mount.ReadOnly,
    propagation: '',
    nonRecursive: false,
    options: '',
    createSource: false,
  };
  switch (mount.Type) {
    case 'bind':
      return { ...common, type: 'bind', ...bindPart(mount) };
    case 'volume':
      return { ...common, type: 'volume', ...volumePart(mount) };
    case 'image':
      return {
        ...common,
        type: 'image',
        image: {
          name: mount.Source,
          id: '',
          layers: [],
          subpath: mount.ImageOptions?.Subpath ?? '',
          root: '',
        },
      };
    default:
      return { ...common, type: 'tmpfs', options: tmpfsOptions(mount) };
  }
}

function bindPart({ Source, BindOptions }: Mount): Partial<ContainerMount> {
  const { Propagation, NonRecursive, CreateMountpoint, ReadOnlyNonRecursive, ReadOnlyForceRecursive } =
    BindOptions ?? {};
  return {
    source: cleanPath(Source),
    propagation: Propagation || 'rprivate',
    nonRecursive: NonRecursive ?? false,
    createSource: CreateMountpoint ?? false,
    recursion: ReadOnlyForceRecursive ? 'readonly' : ReadOnlyNonRecursive ? 'writable' : '',
  };
}

function volumePart({ Source, VolumeOptions }: Mount): Partial<WishedMount> {
  const { NoCopy = false, Labels = null, DriverConfig = null, Subpath = '' } = VolumeOptions ?? {};
  return {
    // As docker shows it.
    mode: 'z',
    volume: {
      name: Source,
      driver: DriverConfig?.Name ?? '',
      isAnonymous: Source === '',
      isFilled: !NoCopy,
      subpath: Subpath,
    },
    wish: { options: DriverConfig?.Options ?? null, labels: Labels },
  };
}

function tmpfsOptions({ TmpfsOptions, ReadOnly }: Mount): string {
  const { SizeBytes = 0, Mode = 0, Options = null } = TmpfsOptions ?? {};
  return [
    ...(ReadOnly ? ['ro'] : []),
    ...(SizeBytes > 0 ? [`size=${SizeBytes}`] : []),
    ...(Mode > 0 ? [`mode=${Mode.toString(8)}`] : []),
    ...(Options ?? []).map((words) => (words ?? []).join('=')),
  ].join(',');
}

/** All mounts that a container was given with `-v` and `--mount`, each destination once. */
export function parseMounts(hostConfig: HostConfig): WishedMount[] {
  const temporary = Object.keys(hostConfig.Tmpfs ?? {});
  for (const destination of temporary) checkDestination(destination);
  const mounts: WishedMount[] = [
    ...(hostConfig.Binds ?? []).map((bind) => parseBind(bind, hostConfig.VolumeDriver)),
    ...(hostConfig.Mounts ?? []).map(parseMount),
  ];
  const seen = new Set<string>(temporary.map(cleanPath));
  for (const { destination } of mounts) {
    if (seen.has(destination)) throw bad(`Duplicate mount point: ${destination}`);
    seen.add(destination);
  }
  return mounts;
}

/** A mount as inspect and list show it. */
export function describeMount(mount: ContainerMount): MountPoint {
  const name = mount.volume?.name ?? mount.image?.name;
  return {
    Type: mount.type,
    ...(name !== undefined && { Name: name }),
    Source: mount.source,
    Destination: mount.destination,
    ...(mount.volume && { Driver: mount.volume.driver }),
    Mode: mount.mode,
    RW: !mount.readOnly,
    Propagation: mount.propagation,
  };
}
