import packet, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import { formatAddress6, parseAddress6 } from '../ipv6.ts';
import type { Directory } from './directory.ts';

/** Seconds that an answer may be kept: names come and go with containers. */
const timeToLive = 1;

const noError = 0;
export const serverFailure = 2;

/** The answer from what the engine itself knows; null when the world has to be asked. */
export function answerLocally(
  query: DecodedPacket,
  containerId: string,
  directory: Directory,
): Packet | null {
  const question = query.questions?.[0];
  if (!question || (question.class ?? 'IN') !== 'IN') return null;
  const { name, type } = question;
  if (type === 'PTR') {
    const address = reversed(name);
    const known = address === null ? null : directory.nameOf(containerId, address);
    return known === null ? null : reply(query, [{ ...record(name), type: 'PTR', data: known }]);
  }
  const known = directory.lookUp(containerId, name);
  if (!known) return null;
  if (type === 'A')
    return reply(
      query,
      turned(known.addresses).map((data) => ({ ...record(name), type, data })),
    );
  if (type === 'AAAA') {
    return reply(
      query,
      turned(known.addresses6).map((data) => ({ ...record(name), type, data })),
    );
  }
  // The name is there, and has nothing else.
  return reply(query, []);
}

const record = (name: string) => ({ name, class: 'IN' as const, ttl: timeToLive });

/** An answer to a query, with an error's number in place of answers when something went wrong. */
export function reply(query: DecodedPacket, answers: Answer[], error = noError): Packet {
  const recursionDesired = (query.flags ?? 0) & packet.RECURSION_DESIRED;
  return {
    id: query.id,
    type: 'response',
    flags: recursionDesired | packet.RECURSION_AVAILABLE | error,
    questions: query.questions,
    answers,
  };
}

/** Writes an answer for UDP: what the client has no room for is cut off, and the client told so. */
export function encodeForDatagram(answer: Packet, query: DecodedPacket): Buffer {
  const whole = packet.encode(answer);
  if (whole.length <= roomFor(query)) return whole;
  return packet.encode({ ...answer, answers: [], flags: (answer.flags ?? 0) | packet.TRUNCATED_RESPONSE });
}

/** Bytes that a client takes by UDP: RFC 6891. */
function roomFor(query: DecodedPacket): number {
  const option = query.additionals?.find((one) => one.type === 'OPT');
  return Math.max(512, option && 'udpPayloadSize' in option ? option.udpPayloadSize : 0);
}

let turn = 0;

/** Every asker begins with another address, so that work is shared out. */
function turned<T>(list: readonly T[]): T[] {
  const at = list.length === 0 ? 0 : turn++ % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The address in a name such as `2.0.0.10.in-addr.arpa`; null when there is none. */
export function reversed(name: string): string | null {
  const text = name.toLowerCase().replace(/\.$/, '');
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(text);
  if (four) return four.slice(1).reverse().join('.');
  const six = /^((?:[\da-f]\.){32})ip6\.arpa$/.exec(text);
  if (!six) return null;
  const digits = (six[1] ?? '').split('.').reverse().join('');
  const address = parseAddress6(digits.match(/.{4}/g)?.join(':') ?? '');
  return address === null ? null : formatAddress6(address);
}
