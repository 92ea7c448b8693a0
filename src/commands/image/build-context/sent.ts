import { Transform } from 'node:stream';
import { humanSize } from '../../../format/units.ts';
import type { Output } from '../../../terminal/streams.ts';

/** A stream that passes a build context on, and tells when all of it has gone how much it was, as docker does. */
export function tellWhatIsSent(output: Output): Transform {
  let sent = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      // The carriage returns are what is left of docker's progress when it is no terminal's.
      const end = output.isTerminal ? '\n' : '\r\r\n';
      output
        .write(`Sending build context to Docker daemon ${humanSize(sent).padStart(8)}${end}`)
        .then(() => done(), done);
    },
  });
}
