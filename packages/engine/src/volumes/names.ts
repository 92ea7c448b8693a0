import { randomBytes } from 'node:crypto';
import { EngineError } from '../errors.ts';

/** Checks the name of a volume in docker's words. */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw new EngineError(
      'badParameter',
      'volume name is too short, names should be at least two alphanumeric characters',
    );
  }
  // Longer ones have no folder.
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) && name.length <= 255) return;
  throw new EngineError(
    'badParameter',
    `${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}

/** The name of a volume that nobody gave one. */
export const inventVolumeName = (): string => randomBytes(32).toString('hex');
