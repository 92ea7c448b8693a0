import type { Duplex } from 'node:stream';
import { frameHeaderLength } from '@davit/api';

/** Sends what a container prints to one client. */
export interface ClientOutput {
  write(stream: 1 | 2, bytes: Buffer): void;
  /** Whether so much waits to be taken that no more should be written before `onRoom`. */
  isFull(): boolean;
}

const mostWaiting = 1024 * 1024;
const headersAtOnce = 512;

/**
 * Makes the output of a client, framed or bare. Nothing is copied: header and payload go to the kernel as they
 * are, all of one turn of the event loop in one system call, and what comes of one stream in it in one frame.
 */
export function createClientOutput(socket: Duplex, frames: boolean, onRoom: () => void): ClientOutput {
  let corked = false;
  let headers = Buffer.alloc(0);
  let used = 0;
  // The last frame, as long as it waits to be sent: its length may still grow.
  let frame: { stream: number; header: Buffer; length: number } | null = null;
  const uncork = () => {
    corked = false;
    frame = null;
    socket.uncork();
  };
  const nextHeader = (stream: number): Buffer => {
    if (used === headers.length) {
      headers = Buffer.alloc(headersAtOnce * frameHeaderLength);
      used = 0;
    }
    const header = headers.subarray(used, used + frameHeaderLength);
    used += frameHeaderLength;
    header[0] = stream;
    return header;
  };
  const announce = (stream: number, length: number) => {
    if (frame?.stream !== stream) {
      frame = { stream, header: nextHeader(stream), length: 0 };
      socket.write(frame.header);
    }
    frame.length += length;
    frame.header.writeUInt32BE(frame.length, 4);
  };
  socket.on('drain', onRoom);
  return {
    write(stream, bytes) {
      if (!socket.writable || bytes.length === 0) return;
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(uncork);
      }
      if (frames) announce(stream, bytes.length);
      socket.write(bytes);
    },
    isFull: () => socket.writable && socket.writableLength > mostWaiting,
  };
}
