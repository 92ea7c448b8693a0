import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';

/** Writes the file with the engine's process ID, unless it names another engine that is running. */
export async function writePidFile(path: string): Promise<() => void> {
  const other = Number(read(path).trim());
  if (other > 0 && other !== process.pid && read(`/proc/${other}/cmdline`).includes('davitd')) {
    throw new EngineError('conflict', `process ${other}, which ${path} names, is a davitd that still runs`);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  writeFileSync(path, String(process.pid), { mode: 0o644 });
  return () => {
    if (Number(read(path)) === process.pid) rmSync(path, { force: true });
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
