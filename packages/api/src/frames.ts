/**
 * The multiplexed stream of attach, logs and exec without a terminal ("stdcopy"): frames of an 8-byte header
 * (stream number, three zero bytes, payload length as big-endian uint32) and the payload.
 */
export const streams = { stdin: 0, stdout: 1, stderr: 2, systemError: 3 } as const;
export type StreamNumber = (typeof streams)[keyof typeof streams];

export const frameHeaderLength = 8;

/** A stream that does not consist of frames. */
export class FrameError extends Error {
  override name = 'FrameError';
}

/** The header of a frame with `length` bytes of payload. */
export function frameHeader(stream: StreamNumber, length: number): Uint8Array {
  const header = new Uint8Array(frameHeaderLength);
  header[0] = stream;
  new DataView(header.buffer).setUint32(4, length);
  return header;
}

/**
 * Makes a decoder that is fed the stream in chunks of any size and hands on payload as it comes, cut at will
 * but in order, as views on the chunks and never as copies. Throws FrameError on a header that is none.
 */
export function createFrameDecoder(
  onPayload: (stream: StreamNumber, bytes: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  const header = new Uint8Array(frameHeaderLength);
  const view = new DataView(header.buffer);
  let headerFilled = 0;
  let stream: StreamNumber = streams.stdout;
  let left = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + frameHeaderLength - headerFilled);
        header.set(part, headerFilled);
        headerFilled += part.length;
        at += part.length;
        if (headerFilled < frameHeaderLength) return;
        headerFilled = 0;
        const number = header[0] ?? 0;
        if (number > streams.systemError) throw new FrameError(`unrecognized stream: ${number}`);
        stream = number as StreamNumber;
        left = view.getUint32(4);
        continue;
      }
      const payload = chunk.subarray(at, at + left);
      at += payload.length;
      left -= payload.length;
      onPayload(stream, payload);
    }
  };
}
