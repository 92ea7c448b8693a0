import type { Readable } from 'node:stream';
import { streams as streamNumbers } from '@davit/api';
import { createDemultiplexer } from './demultiplex.ts';
import type { Output } from './streams.ts';

/** Where a container's output goes; what is left out is dropped. */
export interface Outputs {
  out?: Output;
  err?: Output;
}

/**
 * Copies a container's output to the process's own, to its end: as it is when the container has a terminal, else
 * taken apart into its two streams. Whoever writes is held back when the process's output is read slowly.
 */
export async function copyOutput(source: Readable, terminal: boolean, { out, err }: Outputs): Promise<void> {
  let writes: Promise<void>[] = [];
  let failure = '';
  const demultiplex = createDemultiplexer((stream, bytes) => {
    if (stream === streamNumbers.systemError) failure += Buffer.from(bytes).toString();
    else {
      const output = stream === streamNumbers.stderr ? err : out;
      if (output) writes.push(output.write(bytes));
    }
  });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (terminal) await out?.write(chunk);
    else {
      demultiplex(chunk);
      await Promise.all(writes);
      writes = [];
    }
  }
  if (failure !== '') throw new Error(`error from daemon in stream: ${failure.trim()}`);
}
