import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ContextMetadata, contextPlace, parseMetadata, readMetadata } from './contexts.ts';
import { replaceFile } from './document.ts';

/** TLS material: the content of files by their names, by endpoint. */
export type TlsMaterial = Record<string, Record<string, Uint8Array>>;

/** docker's contexts on disk, shared with docker. */
export interface ContextStore {
  /** All contexts. Throws when one cannot be read. */
  list(): ContextMetadata[];
  has(name: string): boolean;
  /** Throws in docker's words when there is none of that name. */
  read(name: string): ContextMetadata;
  readTls(name: string): TlsMaterial;
  /** Makes a context or changes it; TLS material that is not given stays. */
  write(metadata: ContextMetadata, tls?: TlsMaterial): void;
  remove(name: string): void;
  /** The folders that hold it. */
  place(name: string): { meta: string; tls: string };
}

/** Opens docker's store of contexts in a configuration directory. */
export function openContextStore(directory: string): ContextStore {
  const place = (name: string) => contextPlace(directory, name);

  function writeTls(folder: string, material: TlsMaterial): void {
    const draft = `${folder}.new`;
    rmSync(draft, { recursive: true, force: true });
    for (const [endpoint, files] of Object.entries(material)) {
      for (const [name, content] of Object.entries(files)) {
        replaceFile(join(draft, endpoint, name), content, 0o600);
      }
    }
    rmSync(folder, { recursive: true, force: true });
    if (existsSync(draft)) renameSync(draft, folder);
  }

  return {
    place,
    has: (name) => existsSync(join(place(name).meta, 'meta.json')),
    read: (name) => readMetadata(directory, name),
    list() {
      const parent = join(directory, 'contexts', 'meta');
      const paths = namesIn(parent)
        .map((id) => join(parent, id, 'meta.json'))
        .filter((path) => existsSync(path));
      return paths.map((path) => {
        try {
          return parseMetadata(readFileSync(path, 'utf8'));
        } catch (error) {
          const reason = (error as Error).message;
          throw new Error(`failed to read metadata: parsing ${path}: ${reason}`, { cause: error });
        }
      });
    },
    readTls(name) {
      const folder = place(name).tls;
      const contentOf = (endpoint: string) =>
        namesIn(join(folder, endpoint)).map((file) => [file, readFileSync(join(folder, endpoint, file))]);
      return Object.fromEntries(
        namesIn(folder).map((endpoint) => [endpoint, Object.fromEntries(contentOf(endpoint))]),
      );
    },
    write(metadata, tls) {
      const { meta, tls: folder } = place(metadata.Name);
      if (tls) {
        mkdirSync(join(directory, 'contexts', 'tls'), { recursive: true, mode: 0o700 });
        writeTls(folder, tls);
      }
      mkdirSync(meta, { recursive: true, mode: 0o755 });
      replaceFile(join(meta, 'meta.json'), JSON.stringify(metadata), 0o644);
    },
    remove(name) {
      const { meta, tls } = place(name);
      rmSync(meta, { recursive: true, force: true });
      rmSync(tls, { recursive: true, force: true });
    },
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
