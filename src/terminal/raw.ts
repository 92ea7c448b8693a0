import { spawnSync } from 'node:child_process';
import type { Input } from './streams.ts';

/**
 * Gives a terminal to the program in the container: every key goes there, and what comes back is shown as it is.
 * The returned function, and the end of the process whatever its reason, puts the terminal back as it was.
 */
export function makeRaw(input: Input): () => void {
  const restore = () => {
    process.off('exit', restore);
    input.setRaw(false);
  };
  input.setRaw(true);
  process.on('exit', restore);
  // Node's raw mode still turns \n into \r\n, which the container's own terminal has done already. Without stty
  // lines end in \r\r\n, which only programs that draw on the whole screen can be hurt by.
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  return restore;
}
