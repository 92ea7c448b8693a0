import width from 'string-width';
import type { Output } from './streams.ts';

/** Lines at the end of what a terminal shows, which are written anew as they change. */
export interface LiveArea {
  /** Shows these lines in place of those before: fewer than the terminal has rows, each narrower than it is. */
  show(lines: readonly string[]): Promise<void>;
}

const clearRight = '\x1b[K';
const clearBelow = '\x1b[J';

/**
 * Begins an area below the cursor, which is left below the area each time: whatever ends the process, the terminal is
 * as it was. The cursor's place is known from the rows that the lines take; when the terminal has become narrower,
 * they have been wrapped.
 */
export function createLiveArea(output: Output): LiveArea {
  let shown: readonly string[] = [];
  let columns = output.width;
  return {
    async show(lines) {
      const isSame = lines.length === shown.length && lines.every((line, at) => line === shown[at]);
      const isResized = columns !== output.width;
      if (isSame && !isResized) return;
      columns = output.width;
      const rows = shown.reduce((sum, line) => sum + Math.max(Math.ceil(width(line) / columns), 1), 0);
      // What has left the screen at its top cannot be reached any more.
      const up = Math.min(rows, output.height - 1);
      shown = [...lines];
      const text = lines.map((line) => `${line}${clearRight}\n`).join('');
      await output.write(
        `\r${up > 0 ? `\x1b[${up}A` : ''}${isResized ? clearBelow : ''}${text}${clearBelow}`,
      );
    },
  };
}
