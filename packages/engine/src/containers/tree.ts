import { existsSync } from 'node:fs';
import type { ContainerRecord } from '../state/containers.ts';
import { type FileTree, hold, type Mounted } from '../storage/hold.ts';
import type { Context } from './context.ts';
import { filesIn } from './files.ts';
import { borrowSources } from './sources.ts';

/** What a container sees of files, apart from what the kernel makes up and from memory: as docker copies them. */
export interface BorrowedTree {
  tree: FileTree;
  release(): Promise<void>;
}

/** Borrows the root of a container, which may run or not, with what is mounted in it. */
export async function borrowTree(context: Context, { id }: ContainerRecord): Promise<BorrowedTree> {
  const { root, sources, give } = await context.locks.run(id, async () => {
    const record = context.store.find(id);
    const loan = await context.roots.borrow(id, record.layers);
    try {
      const sources = await borrowSources(context, record);
      const give = async () => {
        await sources.release();
        await loan.release();
      };
      return { root: loan.root, sources, give };
    } catch (error) {
      await loan.release();
      throw error;
    }
  });
  const release = () => context.locks.run(id, give);
  try {
    return { tree: withMounts(root, [...ownMounts(context, id), ...sources.mounts]), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The files that the engine keeps for a container, as far as they are there. */
function ownMounts(context: Context, id: string): Mounted[] {
  const { hostname, hosts, resolv } = filesIn(context.folder(id));
  const own = [
    { destination: '/etc/hostname', source: hostname, readOnly: false },
    { destination: '/etc/hosts', source: hosts, readOnly: false },
    { destination: '/etc/resolv.conf', source: resolv, readOnly: false },
  ];
  return own.filter(({ source }) => existsSync(source));
}

/** Finds where mounts are, by way of links and of other mounts: outer ones first. */
function withMounts(root: string, mounts: Mounted[]): FileTree {
  const placed: Mounted[] = [];
  const outermostFirst = mounts.toSorted((a, b) => a.destination.length - b.destination.length);
  for (const { destination, source, readOnly } of outermostFirst) {
    const found = hold({ root, mounts: placed }, destination);
    found.close();
    // What comes later at the same place lies on top.
    const at = placed.findIndex((other) => other.destination === found.path);
    if (at >= 0) placed.splice(at, 1);
    placed.push({ destination: found.path, source, readOnly });
  }
  return { root, mounts: placed };
}
