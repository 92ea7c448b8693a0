import { randomBytes } from 'node:crypto';
import type { NameServer } from './dns/server.ts';
import { createPool } from './pool.ts';
import type { Sandboxes } from './sandbox.ts';

/** Network namespaces in which a name server listens, made ahead for containers of any network that has names. */
export interface Spares {
  /** The name of one that is in no network yet. It belongs to whoever took it. */
  take(): Promise<string>;
  /** Takes one away that was taken and is not used after all. */
  discard(name: string): Promise<void>;
  /** Begins to make some ahead: now is a good time. */
  fill(): void;
  /** Takes away what nobody took, and makes no more. */
  empty(): Promise<void>;
}

export function createSpares(deps: {
  sandboxes: Pick<Sandboxes, 'prefix' | 'path' | 'make' | 'remove'>;
  names: Pick<NameServer, 'prepare' | 'discard'>;
  size: number;
}): Spares {
  const { sandboxes, names, size } = deps;

  async function discard(name: string): Promise<void> {
    names.discard(sandboxes.path(name));
    await sandboxes.remove(name, []);
  }

  const pool = createPool({
    size,
    async make() {
      const name = `${sandboxes.prefix}${randomBytes(6).toString('hex')}`;
      await sandboxes.make(name, null);
      try {
        await names.prepare(sandboxes.path(name));
      } catch (error) {
        await discard(name);
        throw error;
      }
      return name;
    },
    discard,
  });
  return { ...pool, discard };
}
