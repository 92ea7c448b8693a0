import { Transform } from 'node:stream';
import { humanSize } from '../../../format/units.ts';
import type { Output } from '../../../terminal/streams.ts';

/** A stream that passes a build context on, and calls `sent` with the bytes so far, and when all of it has gone. */
export function countWhatIsSent(sent: (bytes: number, isAll: boolean) => void | Promise<void>): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      void sent(bytes, false);
      done(null, chunk);
    },
    flush(done) {
      Promise.resolve(sent(bytes, true)).then(() => done(), done);
    },
  });
}

/** Tells how much a build context was, as docker does. */
export function tellWhatIsSent(output: Output, bytes: number): Promise<void> {
  // The carriage returns are what is left of docker's progress when it is no terminal's.
  const end = output.isTerminal ? '\n' : '\r\r\n';
  return output.write(`Sending build context to Docker daemon ${humanSize(bytes).padStart(8)}${end}`);
}
