import { Transform } from 'node:stream';
import { humanSize } from '../../../format/units.ts';
import type { Output } from '../../../terminal/streams.ts';

const interval = 100;

/** Counts what is copied, and shows it on a terminal as it grows. */
export interface CopyProgress {
  /** Every byte of the archive goes through it. */
  readonly counter: Transform;
  /** Takes the display away and says what was copied. */
  finish(destination: string): Promise<void>;
  /** Takes the display away. */
  clear(): void;
}

/** `heading` is what is shown before the size, as in `Copying to container - `. */
export function createProgress(output: Output, heading: string): CopyProgress {
  let bytes = 0;
  let shown = -1;
  const show = () => {
    if (shown === bytes) return;
    shown = bytes;
    void output.write(`\r\x1b[2K${heading}${humanSize(bytes, 3)}`);
  };
  const timer = output.isTerminal ? setInterval(show, interval) : undefined;
  const clear = () => {
    clearInterval(timer);
    if (shown >= 0) void output.write('\r\x1b[2K');
    shown = -1;
  };
  return {
    counter: new Transform({
      transform(data: Buffer, _encoding, done) {
        bytes += data.length;
        done(null, data);
      },
    }),
    clear,
    async finish(destination) {
      clear();
      await output.line(`Successfully copied ${humanSize(bytes, 3)} to ${destination}`);
    },
  };
}
