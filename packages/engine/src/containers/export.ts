import { closeSync, constants, openSync } from 'node:fs';
import { pack } from '../storage/pack.ts';
import type { Context } from './context.ts';

/** A container's root as an archive: what it is made of, without what is mounted in it. */
export async function exportContainer(context: Context, name: string): Promise<AsyncIterable<Uint8Array>> {
  const record = context.store.find(name);
  const loan = await context.locks.run(record.id, () => context.roots.borrow(record.id, record.layers));
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      const directory = openSync(loan.root, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        yield* pack([{ directory, entry: '.', rename: '', without: [] }], { lend: true });
        context.publish('export', record);
      } finally {
        closeSync(directory);
      }
    } finally {
      await context.locks.run(record.id, loan.release);
    }
  }
  return body();
}
