import type { FileTree } from '../storage/hold.ts';
import type { Loan, RootStore } from '../storage/overlay.ts';

/** The trees that a build copies from, each opened once and let go at the end. */
export interface Origins {
  /** The files of an image or a stage. */
  layers(diffIds: readonly string[]): Promise<FileTree>;
  close(): Promise<void>;
}

export function createOrigins(roots: Pick<RootStore, 'mountLayers'>): Origins {
  const loans = new Map<string, Promise<Loan>>();
  return {
    async layers(diffIds) {
      const key = diffIds.join();
      const loan = loans.get(key) ?? roots.mountLayers(diffIds);
      loans.set(key, loan);
      return { root: (await loan).root, mounts: [] };
    },
    async close() {
      const all = await Promise.allSettled(loans.values());
      loans.clear();
      for (const one of all) if (one.status === 'fulfilled') await one.value.release();
    },
  };
}
