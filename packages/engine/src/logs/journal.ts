import { createLocks } from '../lock.ts';
import { inodeOf, type LogFile, listNumbers, openCurrent, openSealed, sealedPath } from './files.ts';

/** Is handed each file that the monitor goes on in; that may take its time, and ends before old files go. */
export type Follower = (file: LogFile) => Promise<void>;

/** What an opened log consists of. */
export interface OpenLog {
  /** Oldest first; the last one may be written still. */
  files: LogFile[];
  /** Hands over no further files. */
  leave(): void;
}

/** The files of one log, for those who read it and for the one who limits it. */
export interface Journal {
  readonly path: string;
  /** Keeps the files as they are for the time of `work`, but for the moment when the monitor begins a new one. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Opens all files as they are at one moment; with a follower, the log is made if there is none yet. */
  open(follower: Follower | null): Promise<OpenLog>;
  /** Hands the new file to those who follow. Within `run`. */
  turn(): Promise<void>;
  /** The number under which the file that is written is linked already; null when it has none. Within `run`. */
  unsealed(): Promise<number | null>;
}

/** Makes the journal of a log; `limited` says whether there can be more than one file. */
export function createJournal(path: string, limited: boolean): Journal {
  const locks = createLocks();
  const followers = new Map<Follower, { inode: bigint }>();

  const openBefore = async (current: LogFile | null): Promise<LogFile[]> => {
    const files: LogFile[] = [];
    for (const number of await listNumbers(path)) {
      const file = await openSealed(path, number);
      // The number of the file that is written, or that was when it was opened: nothing after it is older.
      if (file && file.inode === current?.inode) {
        await file.handle.close();
        break;
      }
      if (file) files.push(file);
    }
    return files;
  };

  return {
    path,
    run: (work) => locks.run('', work),
    open: (follower) =>
      locks.run('', async () => {
        const current = await openCurrent(path, follower !== null);
        const files = limited ? await openBefore(current) : [];
        if (current) files.push(current);
        if (follower && current) followers.set(follower, current);
        return { files, leave: () => follower && followers.delete(follower) };
      }),
    async turn() {
      const handOver = async ([follower, last]: [Follower, { inode: bigint }]) => {
        const file = await openCurrent(path);
        if (!file) return;
        // One that came between the monitor's step and this one has it already.
        if (file.inode === last.inode) return file.handle.close();
        followers.set(follower, file);
        await follower(file);
      };
      await Promise.all([...followers].map(handOver));
    },
    async unsealed() {
      const number = (await listNumbers(path)).at(-1);
      if (number === undefined) return null;
      const current = await inodeOf(path);
      return current !== null && (await inodeOf(sealedPath(path, number))) === current ? number : null;
    },
  };
}
