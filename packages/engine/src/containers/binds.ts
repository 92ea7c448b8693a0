import { EngineError } from '../errors.ts';
import type { ContainerMount } from '../state/containers.ts';
import { bad, checkDestination, invalidType, propagations, within } from './mountchecks.ts';
import { cleanPath } from './paths.ts';

/** The mode after the last colon of `-v`, each word of it. */
export interface BindMode {
  readOnly: boolean;
  propagation: string;
  noCopy: boolean;
}

const groups = [
  ['rw', 'ro'],
  ['z', 'Z'],
  propagations,
  ['nocopy'],
  ['consistent', 'cached', 'delegated', 'default'],
];

/** Reads a mode such as `ro,z,rshared`; null when it is none. */
export function parseMode(mode: string): BindMode | null {
  const words = mode === '' ? [] : mode.split(',');
  if (!words.every((word) => groups.some((group) => group.includes(word)))) return null;
  if (groups.some((group) => words.filter((word) => group.includes(word)).length > 1)) return null;
  return {
    readOnly: words.includes('ro'),
    propagation: words.find((word) => propagations.includes(word)) ?? '',
    noCopy: words.includes('nocopy'),
  };
}

/** Reads a bind as in `-v /source:/destination:ro` or `-v volume:/destination`; `driver` is that of new volumes. */
export function parseBind(text: string, driver = ''): ContainerMount {
  const invalid = `invalid volume specification: '${text}'`;
  const parts = text.split(':');
  const [source = '', destination = '', mode = ''] = parts.length === 1 ? ['', text] : parts;
  if (parts[0] === '' || parts.length > 3) throw bad(invalid);
  if (parts.length === 2 && parseMode(destination)) throw bad(invalid);
  const parsed = parseMode(mode);
  if (!parsed) throw bad(`invalid mode: ${mode}`);
  const type = source.startsWith('/') ? 'bind' : 'volume';
  within(`${invalid}: ${invalidType(type)}`, () => {
    checkDestination(destination);
    const extra = type === 'bind' ? parsed.noCopy && 'VolumeOptions' : parsed.propagation && 'BindOptions';
    if (extra) throw bad(`field ${extra} must not be specified`);
  });
  const mount = {
    destination: cleanPath(destination),
    mode,
    readOnly: parsed.readOnly,
    nonRecursive: false,
    options: '',
    createSource: true,
  };
  if (type === 'bind') {
    return {
      ...mount,
      type,
      source: cleanPath(source),
      propagation: parsed.propagation || 'rprivate',
    };
  }
  return {
    ...mount,
    type,
    source: '',
    // As docker shows it.
    mode: mode || 'z',
    propagation: '',
    volume: { name: source, driver, isAnonymous: source === '', isFilled: !parsed.noCopy, subpath: '' },
  };
}

/** Reads what `--volumes-from` names: a container, and whether its mounts are read-only here. */
export function parseVolumesFrom(text: string): { container: string; readOnly: boolean } {
  if (text === '')
    throw new EngineError('badParameter', 'volumes-from specification cannot be an empty string');
  const colon = text.indexOf(':');
  const container = colon < 0 ? text : text.slice(0, colon);
  const mode = colon < 0 ? 'rw' : text.slice(colon + 1);
  const parsed = parseMode(mode);
  if (!parsed || parsed.propagation || parsed.noCopy) throw bad(`invalid mode: ${mode}`);
  return { container, readOnly: parsed.readOnly };
}
