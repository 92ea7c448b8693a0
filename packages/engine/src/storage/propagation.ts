import { readFileSync, realpathSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../errors.ts';
import { mount, mountFlags, mountOf, placeMount } from '../kernel/mount.ts';
import { start } from '../process.ts';
import type { Lent } from './lendmount.ts';

/** How the mounts of the host pass into containers, and back. */
export interface Propagation {
  /**
   * Binds what is at a path of the host to a place in this mount namespace, so that what is mounted in it anywhere
   * is mounted everywhere. Throws `internal` in dockerd's words where the host shares nothing.
   */
  share(path: string, place: string, recursive: boolean): Promise<void>;
  /** Throws `internal` in dockerd's words where what the host mounts later could not come into a container. */
  checkSlave(path: string): void;
}

/** Where the descriptor of the host's mount namespace is told, in the environment of an engine that has its own. */
export const hostDescriptor = 'DAVITD_HOST_NAMESPACE_FD';

/** `namespace` is a descriptor of the host's mount namespace, or null for an engine that is in it. */
export function createPropagation(namespace: number | null): Propagation {
  return {
    async share(path, place, recursive) {
      const program = fileURLToPath(new URL(`./lendmount${extname(import.meta.url)}`, import.meta.url));
      const inside = namespace === null ? [] : [`--mount=/proc/${process.pid}/fd/${namespace}`];
      const lender = start(
        'nsenter',
        [...inside, '--', process.execPath, program, path, recursive ? 'recursive' : ''],
        { descriptors: ['reads', 'writes', 'null'] },
      );
      const [input, output] = lender.pipes;
      try {
        const lent = await firstLine(output);
        if ('error' in lent) throw new EngineError('internal', `cannot share ${path}: ${lent.error}`);
        if (!lent.mount.isShared) throw notMounted(path, lent.mount.point, 'a shared');
        placeMount(`/proc/${lender.pid}/fd/${lent.descriptor}`, place);
      } finally {
        input?.end();
        await lender.wait();
      }
    },
    checkSlave(path) {
      const { isShared, isSlave, point } = mountOf(
        realpathSync(path),
        readFileSync('/proc/self/mountinfo', 'utf8'),
      );
      if (!isShared && !isSlave) throw notMounted(path, point, 'a shared or slave');
    },
  };
}

/** Has what is mounted at a place, and below it, share nothing: it can then be taken away here alone. */
export function stopSharing(place: string): void {
  mount('', place, '', mountFlags.recursive | mountFlags.private, '');
}

async function firstLine(output: NodeJS.ReadableStream | null | undefined): Promise<Lent> {
  if (output) for await (const line of createInterface({ input: output })) return JSON.parse(line) as Lent;
  return { error: 'the program that enters the mount namespace of the host ended' };
}

function notMounted(path: string, point: string, kind: string): EngineError {
  return new EngineError('internal', `path ${path} is mounted on ${point} but it is not ${kind} mount`);
}
