import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EngineError, messageOf } from '../errors.ts';
import { spreadFolders } from '../kernel/files.ts';
import { log } from '../log.ts';
import { ProgramFailed, run } from '../process.ts';
import { decompress } from './compression.ts';
import { createFrameFile } from './frame.ts';
import { openFreshMarks } from './freshmarks.ts';
import { createLayerTranslator } from './layertar.ts';
import { rebuildTar, tarSize } from './rebuild.ts';
import { roomBelow } from './room.ts';
import { packUpper } from './upper.ts';

/** A layer that is unpacked. */
export interface Layer {
  /** Digest of its uncompressed tar, by which it is known: what it holds does not depend on those below it. */
  diffId: string;
  /** Bytes of content. */
  size: number;
}

/**
 * The unpacked layers, one directory each, ready to be mounted by overlayfs. A layer is there as a whole or not
 * at all. Who unpacks a layer holds it until he has written down who needs it; what is held is not removed.
 */
export interface LayerStore {
  /**
   * Unpacks a layer's tar (plain, gzip, zstd, xz or bzip2) and holds it. Throws, and leaves nothing, when the
   * archive is broken or is not the one that `expectedDiffId` names.
   */
  unpack(source: AsyncIterable<Buffer>, expectedDiffId?: string): Promise<Layer>;
  /**
   * Makes a layer of what overlayfs has written to an upper directory, which is not mounted any more and is empty
   * afterwards. Holds it, and returns null when there is nothing. What it holds is not written once more.
   */
  adopt(upper: string): Promise<Layer | null>;
  /** Holds a layer, or returns false when it is not here. */
  hold(diffId: string): boolean;
  release(diffId: string): void;
  isHeld(diffId: string): boolean;
  has(diffId: string): boolean;
  path(diffId: string): string;
  /** The layer's tar as it came, uncompressed; whoever reads it holds the layer. */
  tar(diffId: string): AsyncGenerator<Buffer>;
  tarSize(diffId: string): Promise<number>;
  /** Removes a layer that nobody holds, and says whether it did. It is out of sight before this returns. */
  remove(diffId: string): { removed: boolean; done: Promise<unknown> };
  /** Has a layer looked at when the machine goes down soon: something that belongs to it is being written. */
  mark(diffId: string): Promise<void>;
  /** Those of these layers that the machine may not have written to the disk before it went down. */
  doubtful(diffIds: Iterable<string>): string[];
  /** Says that all of them were looked at. */
  trustAll(): void;
  /** The names of what is here beside these layers. */
  strays(diffIds: Iterable<string>): string[];
  /** Removes all layers but these: what a crash left between unpacking and writing down. */
  removeAllBut(diffIds: Iterable<string>): void;
}

/** The directory of all that overlayfs needs. */
export const overlayRoot = (dataRoot: string): string => join(dataRoot, 'overlay');
export const layersRoot = (dataRoot: string): string => join(overlayRoot(dataRoot), 'layers');

/**
 * The directory name of a layer: 160 bits of its DiffID in 27 characters. Short, because the options of a mount
 * have to fit in one page of memory; long enough that no two archives can be made that share one.
 */
export function layerName(diffId: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(diffId))
    throw new EngineError('badParameter', `invalid layer digest ${JSON.stringify(diffId)}`);
  return Buffer.from(diffId.slice(7), 'hex').subarray(0, 20).toString('base64url');
}

/** Opens the layers below `dataRoot` and throws away what was half unpacked or half removed. */
export function createLayerStore({ dataRoot }: { dataRoot: string }): LayerStore {
  const layers = layersRoot(dataRoot);
  const frames = join(overlayRoot(dataRoot), 'frames');
  const work = join(overlayRoot(dataRoot), 'work');
  for (const directory of [layers, frames, work]) mkdirSync(directory, { recursive: true, mode: 0o710 });
  spreadFolders(work);

  /** A program of its own is several times as quick as node with thousands of files, and leaves it free. */
  const discard = (...paths: string[]): Promise<unknown> =>
    run('rm', ['-rf', '--one-file-system', '--', ...paths]).catch((error) => {
      log.warn('cannot remove what is left of a layer', { path: paths.join(' '), error: messageOf(error) });
    });
  // Names in the work directory are never used twice, so this may go on beside the first loads.
  const leftovers = readdirSync(work).map((name) => join(work, name));
  if (leftovers.length > 0) void discard(...leftovers);

  const marks = openFreshMarks(join(overlayRoot(dataRoot), 'fresh'));
  const holds = new Map<string, number>();
  const hold = (diffId: string) => holds.set(diffId, (holds.get(diffId) ?? 0) + 1);
  const path = (diffId: string) => join(layers, layerName(diffId));
  const newWork = () => join(work, randomBytes(12).toString('hex'));

  /** Moves out of sight at once, without a pause in which someone could take hold of it. */
  const takeAway = async (name: string): Promise<unknown> => {
    marks.forget(name);
    const trash = [layers, frames].map((directory) => {
      const away = newWork();
      try {
        renameSync(join(directory, name), away);
      } catch (error) {
        if (!isMissing(error)) log.warn('cannot remove a layer', { name, error: messageOf(error) });
      }
      return away;
    });
    return discard(...trash);
  };

  /** Makes an unpacked directory the layer, unless someone was quicker with the same one. */
  const place = async (directory: string, diffId: string) => {
    const name = layerName(diffId);
    hold(diffId);
    try {
      await marks.mark(name);
      await rename(join(directory, 'frame'), join(frames, name));
      await rename(join(directory, 'root'), join(layers, name)).catch((error) => {
        if (!existsSync(join(layers, name))) throw error;
      });
    } catch (error) {
      release(diffId);
      throw error;
    }
  };

  const release = (diffId: string) => {
    const count = (holds.get(diffId) ?? 1) - 1;
    if (count > 0) holds.set(diffId, count);
    else holds.delete(diffId);
  };

  const strays = (diffIds: Iterable<string>) => {
    const kept = new Set(Array.from(diffIds, layerName));
    return [...new Set([...readdirSync(layers), ...readdirSync(frames)]).difference(kept)];
  };

  return {
    async unpack(source, expectedDiffId) {
      const directory = newWork();
      const root = join(directory, 'root');
      try {
        await mkdir(root, { recursive: true });
        await chmod(root, 0o755);
        const { digest, size } = await extract(source, root, join(directory, 'frame'));
        const diffId = `sha256:${digest}`;
        if (expectedDiffId !== undefined && diffId !== expectedDiffId)
          throw new EngineError(
            'badParameter',
            `the layer is not the one it should be: expected ${expectedDiffId}, got ${diffId}`,
          );
        await place(directory, diffId);
        return { diffId, size };
      } finally {
        await rmdir(directory).catch(() => discard(directory));
      }
    },

    async adopt(upper) {
      if (readdirSync(upper).length === 0) return null;
      const directory = newWork();
      const root = join(directory, 'root');
      try {
        await mkdir(directory);
        await rename(upper, root);
        await mkdir(upper, { mode: 0o755 });
        await chown(root, 0, 0);
        await chmod(root, 0o755);
        // No archive holds sockets, and so no layer may.
        await run('find', [root, '-xdev', '-type', 's', '-delete']);
        const archive = packUpper(root);
        if (!archive) return null;
        const { digest, size } = await describe(archive, join(directory, 'frame'));
        const diffId = `sha256:${digest}`;
        await place(directory, diffId);
        return { diffId, size };
      } finally {
        await rmdir(directory).catch(() => discard(directory));
      }
    },

    hold(diffId) {
      if (!existsSync(path(diffId))) return false;
      hold(diffId);
      return true;
    },
    release,
    isHeld: (diffId) => holds.has(diffId),
    has: (diffId) => existsSync(path(diffId)),
    path,
    tar: (diffId) => rebuildTar(join(frames, layerName(diffId)), path(diffId), diffId),
    tarSize: (diffId) => tarSize(join(frames, layerName(diffId))),
    remove(diffId) {
      const name = layerName(diffId);
      if (holds.has(diffId)) return { removed: false, done: Promise.resolve() };
      return { removed: true, done: takeAway(name) };
    },
    mark: (diffId) => marks.mark(layerName(diffId)),
    doubtful: (diffIds) => [...diffIds].filter((diffId) => marks.doubtful().has(layerName(diffId))),
    trustAll: marks.trustAll,
    strays,
    removeAllBut(diffIds) {
      for (const name of strays(diffIds)) void takeAway(name);
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * tar, told to restore all there is. It makes links that lead out only after everything else (GNU tar's delayed
 * links), so that no entry is written through one. Its environment is ours: TAR_OPTIONS would be obeyed.
 */
const tarArguments = [
  '--extract',
  '--file=-',
  // Reads of 64 KiB instead of 10.
  '--blocking-factor=128',
  '--same-permissions',
  '--same-owner',
  '--numeric-owner',
  '--xattrs',
  '--xattrs-include=*',
  '--delay-directory-restore',
  '--warning=no-timestamp',
];

/** Unpacks in one pass: decompresses, digests, translates for overlayfs, and writes frame and files. */
async function extract(
  source: AsyncIterable<Buffer>,
  root: string,
  framePath: string,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  const translator = createLayerTranslator(await roomBelow(root));
  const frame = createFrameFile(framePath);

  async function* translate() {
    for await (const chunk of decompress(source)) {
      hash.update(chunk);
      translator.push(chunk);
      await frame.write(translator.takeFrame());
      yield* translator.takeTar();
    }
    translator.end();
    await frame.write(translator.takeFrame());
    yield* translator.takeTar();
  }

  const input = Readable.from(translate(), { objectMode: false });
  let broken: unknown;
  input.once('error', (error) => {
    broken = error;
  });
  try {
    await run('tar', tarArguments, { input, cwd: root, env: { PATH: process.env.PATH, LC_ALL: 'C' } }).catch(
      (error) => {
        throw broken ?? explain(error);
      },
    );
    if (broken) throw broken;
    await frame.end();
  } finally {
    input.destroy();
    frame.destroy();
  }
  return { digest: hash.digest('hex'), size: translator.size };
}

/** Digests a layer's tar whose files are where they belong already, and writes its frame. */
async function describe(
  source: AsyncIterable<Buffer>,
  framePath: string,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  const translator = createLayerTranslator();
  const frame = createFrameFile(framePath);
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      translator.push(chunk);
      translator.takeTar();
      await frame.write(translator.takeFrame());
    }
    translator.end();
    await frame.write(translator.takeFrame());
    await frame.end();
  } finally {
    frame.destroy();
  }
  return { digest: hash.digest('hex'), size: translator.size };
}

function explain(error: unknown): unknown {
  if (!(error instanceof ProgramFailed)) return error;
  const lines = error.stderr.split('\n').slice(0, 3).join('; ');
  return new EngineError('internal', `cannot unpack the layer: ${lines}`, { cause: error });
}
