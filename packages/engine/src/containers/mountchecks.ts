import { posix } from 'node:path';
import type { Mount } from '@davit/api';
import { EngineError } from '../errors.ts';
import { cleanPath } from './paths.ts';

export const bad = (message: string) => new EngineError('badParameter', message);
export const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

export const invalidType = (type: string) => `invalid mount config for type ${JSON.stringify(type)}`;

/** Runs checks whose messages are told with what they are about. */
export function within(prefix: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof EngineError ? new EngineError(error.kind, `${prefix}: ${error.message}`) : error;
  }
}

/** Checks where something is to be mounted. */
export function checkDestination(destination: string): void {
  if (destination === '') throw bad('field Target must not be empty');
  if (cleanPath(destination) === '/') throw bad("invalid specification: destination can't be '/'");
  checkAbsolute(destination);
}

function checkAbsolute(path: string): void {
  if (!path.startsWith('/')) throw bad(`invalid mount path: '${path}' mount path must be absolute`);
  if (path.includes('\0')) throw bad(`invalid mount path: '${path}'`);
}

type Field = 'BindOptions' | 'VolumeOptions' | 'TmpfsOptions' | 'ImageOptions';

/** Checks a mount as in `--mount`, in docker's words. */
export function checkMount(mount: Mount): void {
  checkDestination(mount.Target);
  const refuse = (...fields: Field[]) => {
    for (const field of fields) if (mount[field]) throw bad(`field ${field} must not be specified`);
  };
  switch (mount.Type) {
    case 'bind':
      if (mount.Source === '') throw bad('field Source must not be empty');
      checkPropagation(mount.BindOptions?.Propagation ?? '');
      refuse('VolumeOptions', 'TmpfsOptions', 'ImageOptions');
      checkAbsolute(mount.Source);
      return;
    case 'volume':
      refuse('BindOptions', 'TmpfsOptions', 'ImageOptions');
      checkVolume(mount);
      return;
    case 'tmpfs':
      refuse('BindOptions', 'VolumeOptions', 'ImageOptions');
      if (mount.Source !== '') throw bad('field Source must not be specified');
      if ((mount.TmpfsOptions?.SizeBytes ?? 0) < 0) throw bad('invalid tmpfs size');
      return;
    case 'image':
      refuse('BindOptions', 'VolumeOptions', 'TmpfsOptions');
      if (mount.Source === '') throw bad('field Source must not be empty');
      checkSubpath(mount.ImageOptions?.Subpath ?? '');
      return;
    case 'cluster':
      throw bad('cluster volumes are those of a swarm, and this engine is in none');
    default:
      throw bad('mount type unknown');
  }
}

function checkPropagation(propagation: string): void {
  if (propagation && !propagations.includes(propagation)) {
    throw bad(`invalid propagation mode: ${propagation}`);
  }
}

function checkVolume({ Source, ReadOnly, VolumeOptions }: Mount): void {
  const subpath = VolumeOptions?.Subpath ?? '';
  if (subpath && Source === '') throw bad('must not set Subpath when using anonymous volumes');
  checkSubpath(subpath);
  if (ReadOnly && Source === '') throw bad('must not set ReadOnly mode when using anonymous volumes');
}

/** A path below something, which does not lead out of it by its own words. */
function checkSubpath(subpath: string): void {
  const clean = posix.normalize(subpath);
  if (subpath.startsWith('/') || clean === '..' || clean.startsWith('../') || subpath.includes('\0')) {
    throw bad('subpath must be a relative path within the volume');
  }
}
