import { existsSync } from 'node:fs';
import type { ContainerRecord } from '../state/containers.ts';
import { type FileTree, hold, type Mounted } from '../storage/hold.ts';
import type { Context } from './context.ts';
import { filesIn } from './files.ts';

/** What a container sees of files, apart from what the kernel makes up and from memory: as docker copies them. */
export interface BorrowedTree {
  tree: FileTree;
  release(): Promise<void>;
}

/** Borrows the root of a container, which may run or not, with what is mounted in it. */
export async function borrowTree(context: Context, { id }: ContainerRecord): Promise<BorrowedTree> {
  const loan = await context.locks.run(id, () => {
    const { layers } = context.store.find(id);
    return context.roots.borrow(id, layers);
  });
  const release = () => context.locks.run(id, loan.release);
  try {
    return { tree: withMounts(loan.root, mountsOf(context, context.store.find(id))), release };
  } catch (error) {
    await release();
    throw error;
  }
}

function mountsOf(context: Context, record: ContainerRecord): Mounted[] {
  const { hostname, hosts, resolv } = filesIn(context.folder(record.id));
  const own = [
    { destination: '/etc/hostname', source: hostname, readOnly: false },
    { destination: '/etc/hosts', source: hosts, readOnly: false },
    { destination: '/etc/resolv.conf', source: resolv, readOnly: false },
  ];
  const mounted = record.mounts.filter(({ source }) => source !== '');
  return [...own, ...mounted].filter(({ source }) => existsSync(source));
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
