import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { Receiver, Sender } from 'ws';
import { EngineError } from '../errors.ts';
import { detach, letGo } from './hijack.ts';

/** RFC 6455, section 1.3. */
const protocolId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const protocolVersion = '13';

/** How long a message may be, and in how many pieces it may come: it is kept until it is whole. */
const limits = { maxPayload: 16 * 1024 ** 2, maxFragments: 16 * 1024, maxBufferedChunks: 16 * 1024 };

/** Codes of RFC 6455, section 7.4.1. */
const closeCodes = { normal: 1000, protocolError: 1002, policy: 1008, tooLarge: 1009 };

/**
 * Makes a WebSocket of the connection that a request came on, and a stream of it: what the client sends in messages
 * of either kind is read to its last frame, what is written goes out in a message each, as bytes or as text, and the
 * end of it closes the connection. What the client sends against the protocol ends it, too. Throws `badParameter` when the request asks for no WebSocket.
 */
export function openWebSocket(
  request: IncomingMessage,
  response: ServerResponse,
  upgraded: boolean,
  isText: boolean,
): Duplex {
  const { 'sec-websocket-key': key, 'sec-websocket-version': version } = request.headers;
  if (!upgraded) throw new EngineError('badParameter', 'not websocket protocol');
  if (version !== protocolVersion) {
    response.setHeader('Sec-WebSocket-Version', protocolVersion);
    throw new EngineError('badParameter', 'missing or bad WebSocket Version');
  }
  if (!key) throw new EngineError('badParameter', 'mismatch challenge/response');
  const accepted = createHash('sha1').update(`${key}${protocolId}`).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  lines.push(`Sec-WebSocket-Accept: ${accepted}`);
  // A client that names protocols takes no connection without one of them.
  const [protocol] = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol.trim()}`);
  return streamOf(detach(request, response, upgraded, lines), isText);
}

function streamOf(socket: Socket, isText: boolean): Duplex {
  const sender = new Sender(socket);
  const receiver = new Receiver({ ...limits, isServer: true, skipUTF8Validation: true });
  const decoder = isText ? new StringDecoder() : null;
  const message = { binary: !isText, fin: true, compress: false, mask: false };
  let code = closeCodes.normal;

  const stream = new Duplex({
    read: () => void socket.resume(),
    write(bytes: Buffer, _encoding, done) {
      const data = decoder ? decoder.write(bytes) : bytes;
      if (data.length === 0) return done();
      sender.send(data, message, done);
    },
    // What was written is sent by now: the last word follows it.
    final(done) {
      const rest = decoder?.end();
      if (rest) sender.send(rest, message, () => undefined);
      done();
      stream.destroy();
    },
    destroy(error, done) {
      socket.off('data', take);
      if (!socket.destroyed) sender.close(code, '', false);
      letGo(socket);
      done(error);
    },
  });
  const take = (bytes: Buffer) => void receiver.write(bytes);
  const over = () => {
    socket.off('data', take);
    socket.resume();
    stream.push(null);
  };

  receiver.on('message', (data: Buffer) => {
    if (!stream.push(data)) socket.pause();
  });
  receiver.on('ping', (data: Buffer) => {
    // One that sends and never reads is not answered for ever.
    if (!socket.writableNeedDrain) sender.pong(data, false);
  });
  receiver.on('conclude', over);
  receiver.on('error', ({ code: reason }: NodeJS.ErrnoException) => {
    code = codeFor(reason);
    stream.destroy();
  });
  socket.on('data', take);
  socket.once('end', over);
  socket.once('close', () => stream.destroy());
  // Whoever uses the stream learns of its end by its closing.
  stream.on('error', () => undefined);
  return stream;
}

/** The code that tells a client why it is not listened to any longer. */
function codeFor(reason = ''): number {
  if (/PAYLOAD_LENGTH$|MESSAGE_LENGTH$/.test(reason)) return closeCodes.tooLarge;
  return reason.endsWith('BUFFERED_PARTS') ? closeCodes.policy : closeCodes.protocolError;
}
