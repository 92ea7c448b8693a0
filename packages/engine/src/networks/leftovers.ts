import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '../log.ts';

/** How long the next engine waits for them, in milliseconds: one that hangs in the kernel may never end. */
const patience = 5000;

/**
 * Ends the programs that an engine which was killed had running in this directory, and resolves when they are gone:
 * they would go on with what they were told, and make devices after the next engine has looked for them. Those that
 * do not end within `within` milliseconds are told of in the log.
 */
export async function endLeftovers(
  directory: string,
  programs: readonly string[],
  within = patience,
): Promise<void> {
  const until = Date.now() + within;
  for (let wait = 2; ; wait = Math.min(wait * 2, 100)) {
    const left = processesIn(directory, programs);
    if (left.length === 0) return;
    for (const pid of left) end(pid);
    if (Date.now() >= until) {
      const pids = left.join(' ');
      return log.warn('programs of the engine before do not end, and may still change its networks', {
        pids,
      });
    }
    await sleep(wait);
  }
}

/**
 * The processes of these names whose working directory this is. It is told by its inode: a container may have one of
 * the same path.
 */
function processesIn(directory: string, programs: readonly string[]): number[] {
  const { dev, ino } = statSync(directory);
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!programs.includes(readFileSync(`/proc/${name}/comm`, 'utf8').trimEnd())) return [];
      const place = statSync(`/proc/${name}/cwd`);
      return place.dev === dev && place.ino === ino ? [Number(name)] : [];
    } catch {
      // It ended meanwhile, or has ended and nobody has asked how.
      return [];
    }
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
