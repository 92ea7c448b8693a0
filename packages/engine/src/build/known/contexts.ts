import { randomBytes } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, messageOf } from '../../errors.ts';
import { log } from '../../log.ts';
import type { BuildStore } from '../../state/builds.ts';
import { checkContent } from '../contextcheck.ts';
import { type ContextNode, indexOf } from '../contextindex.ts';
import { type BuildContext, contextOf, spoolArchive } from '../contextspool.ts';
import { type ListedEntry, readList, treeOf } from './list.ts';
import type { PackedContent, PackStore, Place } from './packs.ts';

/** Contexts of which clients send only what is not here from earlier ones. */
export interface KnownContexts {
  /**
   * Takes the list of a context, until `signal` is aborted. Returns how the request to build names it, and which of
   * the entries are files whose content is not here. Throws `badParameter`.
   */
  open(list: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ id: string; missing: number[] }>;
  /** What a list was taken for. Throws `notFound`. */
  find(id: string): KnownContext;
}

/** A context that is known but for some files. */
export interface KnownContext {
  /** The earlier contexts that it takes files from. */
  readonly packs: readonly string[];
  /** Takes in the files that were missing, below a folder that is gone with the build. Throws `badParameter`. */
  complete(archive: AsyncIterable<Buffer>, folder: string, room: number): Promise<CompletedContext>;
}

export interface CompletedContext {
  context: BuildContext;
  /** Keeps what came for later contexts. That it cannot be kept is logged, and harms no build. */
  keep(): Promise<void>;
}

/** Less than this in all is sent again more quickly than it is looked after. */
const leastKept = 64 * 1024;
/**
 * Smaller files are sent each time: where one is takes some 200 bytes of memory as long as its archive is kept, and of
 * smaller ones that would be more than a twentieth of what they save.
 */
const leastFile = 4096;

export function createKnownContexts(packs: PackStore, store: Pick<BuildStore, 'put'>): KnownContexts {
  const all = new Map<string, KnownContext>();

  return {
    async open(list, signal) {
      const entries = await readList(list);
      const places = new Map<string, Place>();
      const missing: number[] = [];
      const files = new Map<string, FileHandle>();
      const id = randomBytes(16).toString('hex');
      const end = () => {
        all.delete(id);
        for (const file of files.values()) void file.close();
      };
      try {
        for (const [index, { kind, value, size }] of entries.entries()) {
          if (kind !== 'file') continue;
          const place = packs.find(value);
          const file = place?.size === size ? await openPack(packs, place.pack, files) : null;
          if (place && file) places.set(value, place);
          else missing.push(index);
        }
      } catch (error) {
        end();
        throw error;
      }
      all.set(id, {
        packs: [...files.keys()],
        complete: (archive, folder, room) => complete({ entries, places, files }, { archive, folder, room }),
      });
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
      return { id, missing };
    },

    find(id) {
      const known = all.get(id);
      if (!known) throw new EngineError('notFound', `No such build context: ${id}`);
      return known;
    },
  };

  async function complete(
    { entries, places, files }: Listed,
    { archive, folder, room }: { archive: AsyncIterable<Buffer>; folder: string; room: number },
  ): Promise<CompletedContext> {
    const { file, path, index } = await spoolArchive(archive, folder, room);
    try {
      if (!index) throw new EngineError('badParameter', 'the files of a build context have to be plain ones');
      // What is here once may be named any number of times.
      let content = 0;
      const root = treeOf(entries, (entry) => {
        const sent = index.find(entry.path);
        if (sent?.kind === 'file') return sent;
        const place = places.get(entry.value);
        const from = place && files.get(place.pack);
        if (!place || !from)
          throw new EngineError('badParameter', `the build context lacks ${JSON.stringify(entry.path)}`);
        content += place.size;
        checkContent(entry.path, content, room);
        return { digest: Buffer.from(entry.value, 'hex'), offset: place.offset, size: place.size, from };
      });
      const contents = contentsBelow(index.root);
      const context = contextOf({ file, root: join(folder, 'files'), index: indexOf(root) });
      return { context, keep: () => keep(path, contents) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async function keep(path: string, contents: PackedContent[]): Promise<void> {
    const useful = contents.reduce((sum, one) => sum + one.size, 0);
    if (useful < leastKept) return;
    const pack = randomBytes(16).toString('hex');
    const now = new Date().toISOString();
    try {
      // One that is mostly small files comes each time, and would take its room each time.
      const { size } = await stat(path);
      if (useful < size / 2) return;
      await packs.keep(pack, path, contents);
      store.put({
        ...{ key: pack, kind: 'source.local', description: 'files of a build context', diffId: null },
        ...{ size, created: now, lastUsed: now, uses: 1, seconds: 0 },
      });
    } catch (error) {
      log.warn('the files of a build context cannot be kept', { error: messageOf(error) });
      await packs.remove(pack);
    }
  }
}

interface Listed {
  entries: readonly ListedEntry[];
  /** Contents that are here, by their digests. */
  places: ReadonlyMap<string, Place>;
  /** The archives that they are in. */
  files: ReadonlyMap<string, FileHandle>;
}

/** Opens an archive once; null when it is gone. */
async function openPack(
  packs: PackStore,
  pack: string,
  files: Map<string, FileHandle>,
): Promise<FileHandle | null> {
  const known = files.get(pack);
  if (known) return known;
  try {
    const file = await open(packs.path(pack), 'r');
    files.set(pack, file);
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
}

/** Every content below a folder that is worth being kept. */
function contentsBelow(folder: ContextNode): PackedContent[] {
  return [...folder.children.values()].flatMap((node) =>
    node.kind === 'folder'
      ? contentsBelow(node)
      : node.kind === 'file' && node.size >= leastFile
        ? [{ digest: node.digest.toString('hex'), offset: node.offset, size: node.size }]
        : [],
  );
}
