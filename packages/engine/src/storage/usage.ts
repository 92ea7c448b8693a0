import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes in the files below a folder, each file counted once however many names it has. */
export async function sizeOf(folder: string): Promise<number> {
  const seen = new Set<string>();
  const walk = async (path: string): Promise<number> => {
    // What is removed meanwhile has no size.
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    let total = 0;
    for (const entry of entries) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) total += await walk(child);
      else total += await sizeOfFile(child, seen);
    }
    return total;
  };
  return walk(folder);
}

async function sizeOfFile(path: string, seen: Set<string>): Promise<number> {
  const stats = await lstat(path).catch(() => null);
  if (!stats?.isFile() && !stats?.isSymbolicLink()) return 0;
  const key = `${stats.dev}:${stats.ino}`;
  if (stats.nlink > 1 && seen.has(key)) return 0;
  seen.add(key);
  return stats.size;
}
