import { FrameError, frameHeaderLength, streams } from '@davit/api';

/**
 * Takes a multiplexed stream apart, chunk by chunk, and hands on what belongs together in as few pieces as can
 * be: output of many short lines comes in as many frames, and one write for each would cost far more than moving
 * the bytes together. It does that within the chunk, whose contents it destroys.
 */
export function createDemultiplexer(
  onPayload: (stream: number, bytes: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  const header = new Uint8Array(frameHeaderLength);
  let headerFilled = 0;
  let stream = 0;
  let left = 0;
  return (chunk) => {
    let at = 0;
    // The piece that is being put together: chunk[start, end) of `pending`.
    let pending = -1;
    let start = 0;
    let end = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const length = Math.min(left, chunk.length - at);
        if (pending === stream) {
          if (end !== at) chunk.copyWithin(end, at, at + length);
        } else {
          if (end > start) onPayload(pending, chunk.subarray(start, end));
          pending = stream;
          start = at;
          end = at;
        }
        end += length;
        at += length;
        left -= length;
        continue;
      }
      while (headerFilled < frameHeaderLength && at < chunk.length) {
        header[headerFilled] = chunk[at] as number;
        headerFilled += 1;
        at += 1;
      }
      if (headerFilled < frameHeaderLength) break;
      headerFilled = 0;
      stream = header[0] as number;
      if (stream > streams.systemError) throw new FrameError(`unrecognized stream: ${stream}`);
      left = ((header[4] as number) << 24) | ((header[5] as number) << 16) | ((header[6] as number) << 8);
      left = (left | (header[7] as number)) >>> 0;
    }
    if (end > start) onPayload(pending, chunk.subarray(start, end));
  };
}
