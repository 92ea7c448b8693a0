import type { Duplex } from 'node:stream';
import { type Address, dial } from './dial.ts';
import { codeOf, nothingListens, unreachable } from './errors.ts';

/**
 * Makes the function that opens a connection to an engine. When nothing listens there, `start` is called once and
 * the connection tried again. It rejects with a ConnectionError, or with what `start` threw.
 */
export function createReach(address: Address, start?: () => Promise<void>): () => Promise<Duplex> {
  return async () => {
    try {
      return await dial(address).catch(async (error) => {
        if (!start || !nothingListens(error)) throw error;
        await start();
        return dial(address);
      });
    } catch (error) {
      // An error that has no code was worded by whoever starts the engine.
      throw codeOf(error) === '' ? error : unreachable(address.host, error);
    }
  };
}
