import { createInterface } from 'node:readline';
import { messageOf } from '../errors.ts';
import type { SpawnedProcess } from '../kernel/spawn.ts';
import { log } from '../log.ts';
import { start } from '../process.ts';

/** Looks after tables of the firewall that others may flush: `nft flush ruleset` is how rules of one's own are loaded. */
export interface TableWatch {
  /** Looks after them from now on. */
  begin(): void;
  /** Stops, a while after the last container: another one may come soon. */
  rest(): void;
  /** Stops at once. */
  end(): void;
}

export interface TableWatchOptions {
  /** The name of the tables, in whatever families. */
  table: string;
  cwd: string;
  /** Makes them anew. */
  restore(): Promise<void>;
}

const restAfter = 60_000;
/** Whoever replaces a table removes it first: so many milliseconds later it is there again. */
const settled = 50;

/**
 * Hears from the kernel, by way of nft, when one of the tables is removed, and has them made anew unless someone has
 * done so at once. The program ends with the engine, however that ends. It costs some memory: it is there between
 * `begin` and `rest`, and a machine that cannot have it has its tables back with the next container.
 */
export function createTableWatch({ table, cwd, restore }: TableWatchOptions): TableWatch {
  let watcher: SpawnedProcess | null = null;
  let timer: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  const missing = new Set<string>();

  function hear(line: string): void {
    const [, event, family = ''] = /^(add|delete) table (\S+) (\S+)/.exec(line) ?? [];
    if (!event || !line.endsWith(` ${table}`)) return;
    if (event === 'add') missing.delete(family);
    else missing.add(family);
    clearTimeout(timer);
    if (missing.size > 0) timer = setTimeout(mend, settled).unref();
  }

  function mend(): void {
    if (!watcher) return;
    missing.clear();
    log.info('the rules of networks were removed, and are made anew', { table });
    restore().catch((error) => log.warn('cannot restore the firewall', { error: messageOf(error) }));
  }

  function end(): void {
    const child = watcher;
    watcher = null;
    missing.clear();
    for (const each of [timer, resting]) clearTimeout(each);
    child?.kill('SIGTERM');
  }

  return {
    begin() {
      clearTimeout(resting);
      if (watcher) return;
      try {
        const command = ['--pdeathsig', 'TERM', 'nft', 'monitor', 'tables'];
        const child = start('setpriv', command, { cwd, descriptors: ['null', 'writes', 'null'] });
        watcher = child;
        const [, output] = child.pipes;
        output?.unref();
        if (output) createInterface({ input: output }).on('line', hear);
        output?.once('close', () => {
          if (watcher === child) watcher = null;
          void child.wait();
        });
      } catch (error) {
        log.debug('nobody tells of rules that are removed', { error: messageOf(error) });
      }
    },
    rest() {
      clearTimeout(resting);
      resting = setTimeout(end, restAfter).unref();
    },
    end,
  };
}
