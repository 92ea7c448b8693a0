import { isMounted } from '../kernel/mount.ts';
import type { Loan, RootStore } from './overlay.ts';

export interface LendingRootStore extends RootStore {
  /**
   * The root of a container, mounted if it is not, as it is when it does not run. It stays mounted until everyone
   * has given it back, whatever else becomes of the container. Neither this nor the giving back may happen while
   * someone else mounts or unmounts the same root.
   */
  borrow(containerId: string, layers: readonly string[]): Promise<Loan>;
}

interface Lent {
  users: number;
  /** The container itself wants it mounted. */
  owned: boolean;
}

/** Lets others use the roots of containers beside the containers. */
export function lendRoots(roots: RootStore): LendingRootStore {
  const lent = new Map<string, Lent>();
  const mergedOf = (id: string, layers: readonly string[]) => roots.describe(id, layers).MergedDir ?? '';

  return {
    ...roots,

    async mount(id, layers, options) {
      const loan = lent.get(id);
      if (loan) {
        loan.owned = true;
        return mergedOf(id, layers);
      }
      // An engine that was killed while it lent a root has left it mounted.
      await roots.unmount(id);
      return roots.mount(id, layers, options);
    },

    async unmount(id) {
      const loan = lent.get(id);
      if (loan) loan.owned = false;
      else await roots.unmount(id);
    },

    async remove(id) {
      lent.delete(id);
      await roots.remove(id);
    },

    async borrow(id, layers) {
      const root = mergedOf(id, layers);
      let loan = lent.get(id);
      if (!loan) {
        loan = { users: 0, owned: isMounted(root) };
        if (!loan.owned) await roots.mount(id, layers);
        lent.set(id, loan);
      }
      const current = loan;
      current.users += 1;
      let isReleased = false;
      return {
        root,
        async release() {
          if (isReleased) return;
          isReleased = true;
          current.users -= 1;
          if (current.users > 0 || lent.get(id) !== current) return;
          lent.delete(id);
          if (!current.owned) await roots.unmount(id);
        },
      };
    },
  };
}
