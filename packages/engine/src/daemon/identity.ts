import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who an engine is, for as long as its data root lives. */
export interface Identity {
  /** As `docker info` shows it. */
  id: string;
  /** Eight hexadecimal digits, for the names of bridges and cgroups: two engines on a machine must not share them. */
  short: string;
}

/** Reads the engine's identity from its data root, or gives it one. */
export function readIdentity(dataRoot: string): Identity {
  const path = join(dataRoot, 'engine-id');
  const id = read(path) ?? create(path);
  return { id, short: createHash('sha256').update(id).digest('hex').slice(0, 8) };
}

function read(path: string): string | null {
  try {
    const id = readFileSync(path, 'utf8').trim();
    return /^[\w-]{8,64}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

function create(path: string): string {
  const id = randomUUID();
  writeFileSync(`${path}.new`, id, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return id;
}
