import type { HostConfig, Mount, MountPoint } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ContainerMount } from '../state/containers.ts';
import { cleanPath } from './paths.ts';

const bad = (message: string) => new EngineError('badParameter', message);
const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

/** The mode after the last colon of `-v`, each word of it. */
interface Mode {
  readOnly: boolean;
  propagation: string;
}

/** Reads a mode such as `ro,z,rshared`; null when it is none. */
function parseMode(mode: string): Mode | null {
  const words = mode === '' ? [] : mode.split(',');
  const groups = [
    ['rw', 'ro'],
    ['z', 'Z'],
    propagations,
    ['nocopy', 'copy'],
    ['consistent', 'cached', 'delegated', 'default'],
  ];
  if (!words.every((word) => groups.some((group) => group.includes(word)))) return null;
  if (groups.some((group) => words.filter((word) => group.includes(word)).length > 1)) return null;
  return {
    readOnly: words.includes('ro'),
    propagation: words.find((word) => propagations.includes(word)) ?? '',
  };
}

function checkDestination(destination: string): void {
  if (destination === '') throw bad('field Target must not be empty');
  if (cleanPath(destination) === '/') throw bad("invalid specification: destination can't be '/'");
  checkAbsolute(destination);
}

function checkAbsolute(path: string): void {
  if (!path.startsWith('/')) throw bad(`invalid mount path: '${path}' mount path must be absolute`);
  if (path.includes('\0')) throw bad(`invalid mount path: '${path}'`);
}

/** Runs checks whose messages are told with what they are about. */
function within(prefix: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof EngineError ? new EngineError(error.kind, `${prefix}: ${error.message}`) : error;
  }
}

const invalidType = (type: string) => `invalid mount config for type ${JSON.stringify(type)}`;

/** Reads a bind as in `-v /source:/destination:ro`. */
export function parseBind(text: string): ContainerMount {
  const invalid = `invalid volume specification: '${text}'`;
  const parts = text.split(':');
  const [source = '', destination = '', mode = ''] = parts.length === 1 ? ['', text] : parts;
  if (parts[0] === '' || parts.length > 3) throw bad(invalid);
  if (parts.length === 2 && parseMode(destination)) throw bad(invalid);
  const parsed = parseMode(mode);
  if (!parsed) throw bad(`invalid mode: ${mode}`);
  if (!source.startsWith('/')) {
    within(`${invalid}: ${invalidType('volume')}`, () => checkDestination(destination));
    throw bad(
      `volumes are not supported yet: '${text}' (use a folder of the host: a path that starts with /)`,
    );
  }
  within(`${invalid}: ${invalidType('bind')}`, () => checkDestination(destination));
  return {
    type: 'bind',
    source: cleanPath(source),
    destination: cleanPath(destination),
    mode,
    readOnly: parsed.readOnly,
    propagation: parsed.propagation || 'rprivate',
    nonRecursive: false,
    options: '',
    createSource: true,
  };
}

function checkMount(mount: Mount): void {
  checkDestination(mount.Target);
  const refuse = (field: 'BindOptions' | 'VolumeOptions' | 'TmpfsOptions') => {
    if (mount[field]) throw bad(`field ${field} must not be specified`);
  };
  if (mount.Type === 'bind') {
    if (mount.Source === '') throw bad('field Source must not be empty');
    refuse('VolumeOptions');
    refuse('TmpfsOptions');
    const { Propagation = '' } = mount.BindOptions ?? {};
    if (Propagation && !propagations.includes(Propagation))
      throw bad(`invalid propagation mode: ${Propagation}`);
    checkAbsolute(mount.Source);
  } else if (mount.Type === 'tmpfs') {
    if (mount.Source !== '') throw bad('field Source must not be specified');
    refuse('BindOptions');
    refuse('VolumeOptions');
    if ((mount.TmpfsOptions?.SizeBytes ?? 0) < 0) throw bad('invalid tmpfs size');
  } else if (mount.Type === 'volume' || mount.Type === 'image' || mount.Type === 'cluster') {
    throw bad(`mounts of this type are not supported yet`);
  } else {
    throw bad('mount type unknown');
  }
}

/** Reads a mount as in `--mount type=bind,source=/a,target=/b`. */
export function parseMount(mount: Mount): ContainerMount {
  within(invalidType(mount.Type), () => checkMount(mount));
  const { SizeBytes = 0, Mode = 0 } = mount.TmpfsOptions ?? {};
  const options = [
    ...(SizeBytes > 0 ? [`size=${SizeBytes}`] : []),
    ...(Mode > 0 ? [`mode=${Mode.toString(8)}`] : []),
  ];
  const isBind = mount.Type === 'bind';
  return {
    type: isBind ? 'bind' : 'tmpfs',
    source: isBind ? cleanPath(mount.Source) : '',
    destination: cleanPath(mount.Target),
    mode: '',
    readOnly: mount.ReadOnly,
    propagation: isBind ? mount.BindOptions?.Propagation || 'rprivate' : '',
    nonRecursive: mount.BindOptions?.NonRecursive ?? false,
    options: options.join(','),
    createSource: mount.BindOptions?.CreateMountpoint ?? false,
  };
}

/** All mounts that a container was given with `-v` and `--mount`, each destination once. */
export function parseMounts(hostConfig: HostConfig): ContainerMount[] {
  const mounts = [...(hostConfig.Binds ?? []).map(parseBind), ...(hostConfig.Mounts ?? []).map(parseMount)];
  const seen = new Set<string>();
  for (const { destination } of mounts) {
    if (seen.has(destination)) throw bad(`Duplicate mount point: ${destination}`);
    seen.add(destination);
  }
  for (const destination of Object.keys(hostConfig.Tmpfs ?? {})) checkDestination(destination);
  return mounts;
}

/** A mount as inspect and list show it. */
export function describeMount(mount: ContainerMount): MountPoint {
  return {
    Type: mount.type,
    Source: mount.source,
    Destination: mount.destination,
    Mode: mount.mode,
    RW: !mount.readOnly,
    Propagation: mount.propagation,
  };
}
