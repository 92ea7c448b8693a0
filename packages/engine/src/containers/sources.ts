import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { isMounted, mount as mountFileSystem, mountFlags, unmount } from '../kernel/mount.ts';
import type { SpecMount } from '../runtime/input.ts';
import {
  type ContainerMount,
  type ContainerRecord,
  isRunning,
  type MountedImage,
} from '../state/containers.ts';
import { access, hold, type Mounted } from '../storage/hold.ts';
import type { Loan } from '../storage/overlay.ts';
import { stopSharing } from '../storage/propagation.ts';
import type { Context } from './context.ts';
import { cleanPath, isBeside } from './paths.ts';

/** A mount of which it is known what it mounts. */
export interface SourcedMount extends SpecMount {
  isFile: boolean;
}

/** What a container's mounts are of, there and ready; makes the folders that `-v` makes. `releaseSources` undoes it. */
export async function prepareSources(context: Context, record: ContainerRecord): Promise<SourcedMount[]> {
  const temporary = Object.entries(record.hostConfig.Tmpfs ?? {}).map(([destination, options]) => ({
    type: 'tmpfs' as const,
    source: '',
    destination: cleanPath(destination),
    readOnly: false,
    options,
    isFile: false,
  }));
  const prepared: SourcedMount[] = [];
  const open: ImageOpener = ({ root, layers }) => context.roots.mount(root, layers, { bare: true });
  for (const [index, mount] of visibleMounts(record).entries())
    prepared.push(await prepare(context, record.id, mount, index, open));
  return [...temporary, ...prepared];
}

/** The mounts of a container that no tmpfs lies over. */
function visibleMounts({ mounts, hostConfig }: ContainerRecord): ContainerMount[] {
  const hidden = new Set(Object.keys(hostConfig.Tmpfs ?? {}).map(cleanPath));
  return mounts.filter(({ destination }) => !hidden.has(destination));
}

/** Mounts what a container has of an image, and tells where. */
type ImageOpener = (image: MountedImage) => Promise<string>;

async function prepare(
  context: Context,
  id: string,
  mount: ContainerMount,
  index: number,
  open: ImageOpener,
): Promise<SourcedMount> {
  const { type, destination, propagation, nonRecursive, options, recursion } = mount;
  // The runtime binds it anew, and writable unless it is told.
  const readOnly = mount.readOnly || (mount.volume ? context.volumes.isReadOnly(mount.volume.name) : false);
  const common = { destination, readOnly, propagation, nonRecursive, options, recursion };
  if (type === 'tmpfs') return { ...common, type, source: '', isFile: false };
  const place = join(placesOf(context, id), String(index));
  if (type === 'bind') {
    const isFile = await isFileSource(mount);
    const source = await bindSource(context, mount, isFile, place);
    return { ...common, type, source, isFile };
  }
  const { volume, image } = mount;
  let whole = '';
  if (volume) whole = await context.volumes.mount(volume.name, id, { destination, readOnly });
  else if (image) whole = await open(image);
  const subpath = volume?.subpath || image?.subpath || '';
  if (subpath === '') return { ...common, type: 'bind', source: whole, isFile: false };
  return { ...common, type: 'bind', source: place, isFile: bindPart(whole, subpath, place) };
}

/**
 * What the runtime is to bind for a mount of the host's: the path itself, or a mount that is one with the host's where
 * what the container mounts in it is to be seen there. Throws where the host's mount cannot be what is asked for.
 */
async function bindSource(
  { config: { dataRoot }, propagation }: Context,
  mount: ContainerMount,
  isFile: boolean,
  place: string,
): Promise<string> {
  const { source } = mount;
  if (mount.propagation.endsWith('slave') && !isBeside(source, dataRoot)) propagation.checkSlave(source);
  if (!mount.propagation.endsWith('shared')) return source;
  makePlace(place, isFile);
  await propagation.share(source, place, !mount.nonRecursive);
  return place;
}

/** Makes what something can be bound to. */
function makePlace(place: string, isFile: boolean): void {
  mkdirSync(join(place, isFile ? '..' : '.'), { recursive: true, mode: 0o700 });
  if (isFile) writeFileSync(place, '');
}

/** Where parts of volumes and images are bound to, for a container to be bound from there. */
const placesOf = ({ config: { execRoot } }: Context, id: string): string => join(execRoot, 'mounts', id);

/**
 * Binds what is at a path in a volume or an image: whoever can write there may swap it for a link at any time, and
 * what is held now is what is mounted. Returns whether it is a file.
 */
function bindPart(whole: string, subpath: string, place: string): boolean {
  const held = hold({ root: whole, mounts: [] }, subpath);
  try {
    if (!held.stats) {
      throw new EngineError(
        'badParameter',
        `cannot access path ${join(whole, subpath)}: no such file or directory`,
      );
    }
    const isFile = !held.stats.isDirectory();
    makePlace(place, isFile);
    mountFileSystem(access(held.descriptor), place, '', mountFlags.bind, '');
    return isFile;
  } finally {
    held.close();
  }
}

let borrowings = 0;

/**
 * What a container mounts, apart from memory, for others to look into: what it has while it runs, else made ready
 * as for a start until it is given back. The container's lock must be held, now and when it is given back.
 */
export async function borrowSources(
  context: Context,
  record: ContainerRecord,
): Promise<{ mounts: Mounted[]; release(): Promise<void> }> {
  const { id } = record;
  const there = (mount: ContainerMount, source: string) => {
    const { destination, readOnly } = mount;
    return source !== '' && existsSync(source) ? [{ destination, source, readOnly }] : [];
  };
  const all = visibleMounts(record);
  if (isRunning(record) && record.state.status !== 'restarting') {
    const mounts = all.flatMap((mount, index) => {
      const isPart = (mount.volume ?? mount.image)?.subpath;
      return there(mount, isPart ? join(placesOf(context, id), String(index)) : mount.source);
    });
    return { mounts, release: async () => undefined };
  }
  // The container may be started meanwhile: what it has then is its own.
  const holder = `${id}.${++borrowings}`;
  const loans: Loan[] = [];
  const open: ImageOpener = async ({ root, layers }) => {
    const loan = await context.roots.borrow(root, layers);
    loans.push(loan);
    return loan.root;
  };
  const release = async () => {
    await releaseSources(context, holder);
    for (const loan of loans.splice(0)) await loan.release();
  };
  try {
    const mounts: Mounted[] = [];
    for (const [index, mount] of all.entries()) {
      const isReady = mount.type === 'bind' || mount.type === 'tmpfs';
      const { source } = isReady ? mount : await prepare(context, holder, mount, index, open);
      mounts.push(...there(mount, source));
    }
    return { mounts, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Gives up what an engine that is gone had borrowed. */
export async function releaseBorrowed(context: Context): Promise<void> {
  const names = await readdir(placesOf(context, '')).catch(() => []);
  for (const name of names) if (name.includes('.')) await releaseSources(context, name);
}

async function isFileSource({ source, createSource }: ContainerMount): Promise<boolean> {
  const found = await stat(source).catch(() => null);
  if (found) return !found.isDirectory();
  if (!createSource) throw missingSource(source);
  await mkdir(source, { recursive: true, mode: 0o755 });
  return false;
}

/** The error for a bind mount whose source is not there and is not to be made. */
export function missingSource(source: string): EngineError {
  return new EngineError(
    'badParameter',
    `invalid mount config for type "bind": bind source path does not exist: ${source}`,
  );
}

const imagesOf = (record: ContainerRecord | undefined): MountedImage[] =>
  (record?.mounts ?? []).flatMap(({ image }) => image ?? []);

/** Gives up what `prepareSources` made ready. Safe to repeat. */
export async function releaseSources(context: Context, id: string): Promise<void> {
  const places = placesOf(context, id);
  for (const name of await readdir(places).catch(() => [])) {
    const place = join(places, name);
    // What is below it would be taken from the host too.
    if (isMounted(place)) stopSharing(place);
    await unmount(place);
    // What would be below it, were it still mounted, is not ours to remove.
    await rm(place).catch(() => rmdir(place));
  }
  await rmdir(places).catch(() => undefined);
  for (const { root } of imagesOf(context.store.get(id))) await context.roots.unmount(root);
  await context.volumes.unmount(id);
}

/** Makes what a new container is going to mount: its volumes, filled with what the image has there. */
export async function makeSources(context: Context, record: ContainerRecord, wishes: Wishes): Promise<void> {
  const { volumes, roots } = context;
  for (const { root } of imagesOf(record)) await roots.create(root);
  const mounted = record.mounts.flatMap(({ volume, destination }) =>
    volume ? [{ ...volume, destination }] : [],
  );
  for (const { name, driver, isAnonymous } of mounted) {
    const wish = wishes.get(name) ?? { options: null, labels: null };
    await volumes.create({ name, driver, ...wish, isAnonymous });
  }
  const filled = mounted.filter(({ isFilled }) => isFilled);
  if (filled.length === 0) return;
  const loan = await roots.borrow(record.id, record.layers);
  try {
    for (const { name, destination } of filled) await volumes.fill(name, record.id, loan.root, destination);
  } finally {
    await loan.release();
  }
}

/** What volumes that are made for a container are to be like, by their names. */
export type Wishes = ReadonlyMap<
  string,
  { options: Record<string, string> | null; labels: Record<string, string> | null }
>;

/** Removes what only this container mounted, when it is gone: its images and, if wanted, volumes without a name. */
export async function removeSources(
  { volumes, roots }: Context,
  record: ContainerRecord,
  withVolumes: boolean,
): Promise<void> {
  for (const { root } of imagesOf(record)) await roots.remove(root);
  if (!withVolumes) return;
  for (const { volume } of record.mounts) {
    if (!volume?.isAnonymous) continue;
    await volumes.remove(volume.name, true).catch((error: unknown) => {
      // Another container has it as well.
      if (!(error instanceof EngineError && error.kind === 'conflict')) throw error;
    });
  }
}
