import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileAttributes } from '../../packages/engine/src/storage/tar.ts';
import { createTarScanner } from '../../packages/engine/src/storage/tarscan.ts';

const kinds: Record<string, string> = { 0: 'file', 2: 'link', 3: 'char', 4: 'block', 5: 'folder', 6: 'pipe' };
const attribute = 'SCHILY.xattr.';
/** What engines put into every container, whatever its image holds. */
const engines = /^(?:dev|etc|proc|sys|run)$|^(?:\.dockerenv|etc\/(?:hostname|hosts|resolv\.conf|mtab))$/;
const mounted = /^(?:dev|proc|sys|run)\//;

/**
 * Reads the archive that `export` wrote as a line for each path: its kind, mode, owner, time in seconds, size and
 * digest or target or numbers of a device, extended attributes, and all the names it goes by. Two trees are the
 * same when their lines are. What engines themselves put into a container is left out.
 */
export async function readTree(file: string): Promise<Map<string, string>> {
  const lines = new Map<string, string>();
  const firstNames = new Map<string, string>();
  let open: { path: string; line: string; size: number; hash: ReturnType<typeof createHash> } | null = null;
  const close = () => {
    if (open) lines.set(open.path, `${open.line} ${open.size} bytes ${open.hash.digest('hex').slice(0, 16)}`);
    open = null;
  };
  const pathOf = (name: string) =>
    Buffer.from(name, 'latin1')
      .toString()
      .replace(/^(?:\.?\/)+|\/+$/g, '');
  const scanner = createTarScanner({
    entry({ name, linkname, type, size, major, minor, records, block }) {
      close();
      const path = pathOf(name);
      if (type === '1') {
        const target = pathOf(linkname);
        firstNames.set(path, firstNames.get(target) ?? target);
        return true;
      }
      const { mode, uid, gid, mtime } = fileAttributes(block, records);
      const extended = records
        .filter(([key]) => key.startsWith(attribute))
        .map(
          ([key, value]) => `${key.slice(attribute.length)}=${Buffer.from(value, 'latin1').toString('hex')}`,
        )
        .sort();
      const more = type === '2' ? ` -> ${linkname}` : '34'.includes(type) ? ` ${major}:${minor}` : '';
      const owned = `${mode.toString(8)} ${uid}:${gid} @${Math.trunc(mtime)}`;
      const line = [`${kinds[type] ?? type} ${owned}${more}`, ...extended].join(' ');
      if (type === '0') open = { path, line, size, hash: createHash('sha256') };
      else lines.set(path, line);
      return true;
    },
    content: (piece) => void open?.hash.update(piece),
    padding: () => undefined,
    beside: () => undefined,
  });
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) scanner.push(chunk);
  scanner.end();
  close();
  return withLinks(lines, firstNames);
}

/** Which of a file's names comes first in an archive says nothing: every name gets the same line, with all names. */
function withLinks(lines: Map<string, string>, firstNames: Map<string, string>): Map<string, string> {
  const names = Map.groupBy(firstNames.keys(), (name) => firstNames.get(name) ?? '');
  for (const [first, others] of names) {
    const all = [first, ...others].sort();
    const line = `${lines.get(first)} as ${all.join(' and ')}`;
    for (const name of all) lines.set(name, line);
  }
  const kept = [...lines].filter(([path]) => path !== '' && !engines.test(path) && !mounted.test(path));
  return new Map(kept.sort(([one], [other]) => (one < other ? -1 : 1)));
}
