import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { EngineError } from '../errors.ts';
import { resolveInside } from '../storage/confined.ts';
import { extract } from '../storage/extract.ts';
import { access, type FileTree, hold } from '../storage/hold.ts';
import { pack } from '../storage/pack.ts';
import type { Build } from './build.ts';
import { digestOf } from './digest.ts';
import type { RunMount } from './dockerfile/mount.ts';
import type { Selected } from './select.ts';
import type { StageState } from './stagestate.ts';

/** What RUN's mounts mean for its container. */
export interface PreparedMounts {
  /** As HostConfig has them. */
  mounts: {
    Type: string;
    Source: string;
    Target: string;
    ReadOnly: boolean;
    TmpfsOptions?: { SizeBytes: number };
  }[];
  /** Variables that give secrets. */
  environment: string[];
  /** Takes the places out of the container's layer that were made for mounts alone. */
  clean(containerId: string): Promise<void>;
  /** Lets go of what is shared with other builds. */
  release(): void;
}

/** A mount with the tree that it takes its files from. */
export interface PlacedMount {
  mount: RunMount;
  /** Path in the container. */
  target: string;
  tree: FileTree | null;
}

/** The digests of what mounts show of files that come from elsewhere; what is private or kept does not count. */
export async function mountKeys(build: Build, placed: readonly PlacedMount[]): Promise<unknown[]> {
  const keys: unknown[] = [];
  for (const { mount, target, tree } of placed) {
    const { type, id, readOnly, sharing, size, env } = mount;
    const content = tree && type === 'bind' ? await contentOf(build, tree, mount) : '';
    keys.push([type, target, id, readOnly, sharing, size, env, content]);
  }
  return keys;
}

function contentOf({ signal }: Build, tree: FileTree, { source }: RunMount): Promise<string> {
  const found = find(tree, source);
  return digestOf([found], { ownership: true, excludes: () => false, signal });
}

function find(tree: FileTree, source: string): Selected {
  const held = hold(tree, source === '' ? '/' : source);
  held.close();
  if (!held.stats)
    throw new EngineError(
      'badParameter',
      `failed to compute cache key: ${JSON.stringify(source)}: not found`,
    );
  return { tree, path: held.path, name: '', isDirectory: held.stats.isDirectory(), parents: '', node: null };
}

/** Makes ready what RUN mounts. */
export async function prepareMounts(
  build: Build,
  state: StageState,
  placed: readonly PlacedMount[],
  script: { path: string; content: string },
): Promise<PreparedMounts> {
  const result: PreparedMounts['mounts'] = [];
  const environment: string[] = [];
  const releases: (() => void)[] = [];
  const release = () => {
    for (const one of releases.splice(0)) one();
  };
  const add = (Type: string, Source: string, Target: string, ReadOnly: boolean) =>
    void result.push({ Type, Source, Target, ReadOnly });
  try {
    for (const { mount, target, tree } of placed) {
      const name = `mount-${randomBytes(8).toString('hex')}`;
      switch (mount.type) {
        case 'tmpfs':
          result.push({
            ...{ Type: 'tmpfs', Source: '', Target: target, ReadOnly: false },
            TmpfsOptions: { SizeBytes: mount.size ?? 0 },
          });
          break;
        case 'cache': {
          const first = tree ? () => packed(tree, mount.source) : null;
          const lent = await build.mounts.open(mount, target, first, build.signal);
          releases.push(lent.release);
          build.changed(lent.key);
          add('bind', lent.directory, target, mount.readOnly);
          break;
        }
        case 'bind': {
          if (!tree) break;
          const { path } = find(tree, mount.source);
          // What is written to a mount that may be written to is thrown away.
          const own = join(build.folder, name);
          if (!mount.readOnly) await copyAside(tree, path, own);
          add('bind', mount.readOnly ? join(tree.root, path) : own, target, mount.readOnly);
          break;
        }
        case 'secret': {
          const secret = await secretFile(build, mount, join(build.privateFolder, name));
          if (!secret) break;
          if (mount.env !== '') environment.push(`${mount.env}=${secret.content}`);
          if (mount.env === '' || mount.target !== '') add('bind', secret.path, target, true);
          break;
        }
        case 'ssh': {
          const agent = build.options.inputs.agents.get(mount.id === '' ? 'default' : mount.id);
          if (agent) {
            add('bind', agent, target, false);
            environment.push(`SSH_AUTH_SOCK=${target}`);
          } else if (mount.required)
            throw new EngineError('badParameter', `unset ssh forward key ${mount.id || 'default'}`);
          break;
        }
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  if (script.content !== '') {
    const file = join(build.folder, `script-${randomBytes(8).toString('hex')}`);
    await writeFile(file, script.content);
    await chmod(file, 0o755);
    add('bind', file, script.path, true);
  }
  const below = await build.origins.layers(state.snapshot.layers.map(({ diffId }) => diffId));
  const places = result.flatMap(({ Target }) => missingPlaces(below, Target));
  return {
    mounts: result,
    environment,
    release,
    clean: (containerId) => removePlaces(build, containerId, places),
  };
}

const packed = (tree: FileTree, source: string) => {
  const held = hold(tree, source === '' ? '/' : source);
  return closing(pack([{ directory: held.descriptor, entry: '.', rename: '', without: [] }]), held.close);
};

async function* closing(archive: AsyncIterable<Buffer>, close: () => void): AsyncGenerator<Buffer> {
  try {
    yield* archive;
  } finally {
    close();
  }
}

async function copyAside(tree: FileTree, path: string, own: string): Promise<void> {
  await mkdir(own, { recursive: true, mode: 0o755 });
  await extract({ root: own, mounts: [] }, '/', packed(tree, path), {
    ...{ keepKinds: false, owner: null, readOnly: false },
  });
}

async function secretFile(build: Build, mount: RunMount, path: string) {
  const id = mount.id || mount.source || posix.basename(mount.target);
  const content = build.options.inputs.secrets.get(id);
  if (!content) {
    if (mount.required) throw new EngineError('badParameter', `secret ${id}: not found`);
    return null;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode: 0o600, flag: 'w' });
  await chmod(path, mount.mode ?? 0o400);
  await chown(path, mount.uid, mount.gid);
  return { path, content: content.toString() };
}

/** The folders and the file at its end that a mount point needs and an image does not have, innermost first. */
function missingPlaces(tree: FileTree, target: string): string[] {
  const places: string[] = [];
  for (let path = target; path !== '/' && path !== '.'; path = posix.dirname(path)) {
    const { stats } = resolveInside(tree.root, path);
    if (stats) break;
    places.push(path);
  }
  return places;
}

/** Removes places from what a container has written, as long as nothing is in them. */
async function removePlaces({ roots }: Build, containerId: string, places: readonly string[]): Promise<void> {
  const { UpperDir: upper = '' } = roots.describe(containerId, []);
  for (const place of places) {
    const held = hold({ root: upper, mounts: [] }, place, { follow: false });
    try {
      const path = `${access(held.parent)}/${held.name}`;
      if (held.stats?.isDirectory()) await rmdir(path).catch(() => undefined);
      else if (held.stats?.isFile() && held.stats.size === 0) await unlink(path);
    } finally {
      held.close();
    }
  }
}
