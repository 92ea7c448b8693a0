import { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createFrameDecoder } from '@davit/api';

const mostOutput = 16 * 1024 * 1024;

/**
 * A connection as a client would have it, that takes what a container prints and hands it on as text, no faster
 * than it is taken. Of a step that prints without end the rest is dropped.
 */
export function createOutput(take: (stream: 1 | 2, text: string) => Promise<void>): Duplex {
  const decoders = { 1: new StringDecoder(), 2: new StringDecoder() };
  let texts: { stream: 1 | 2; text: string }[] = [];
  let left = mostOutput;
  const decode = createFrameDecoder((stream, bytes) => {
    const number = stream === 2 ? 2 : 1;
    if (left <= 0) return;
    left -= bytes.length;
    const text = decoders[number].write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    texts.push({ stream: number, text });
    if (left <= 0)
      texts.push({
        stream: number,
        text: `\n[more than ${mostOutput} bytes of output: the rest is left out]\n`,
      });
  });
  const handOn = async () => {
    const ready = texts;
    texts = [];
    for (const { stream, text } of ready) if (text !== '') await take(stream, text);
  };
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      try {
        decode(chunk);
      } catch (error) {
        return done(error as Error);
      }
      handOn().then(() => done(), done);
    },
  });
}
