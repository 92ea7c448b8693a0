import { existsSync } from 'node:fs';
import { type LogSubject, tagOf } from './attributes.ts';
import type { Destination } from './destination.ts';
import { openDatagrams } from './ways.ts';

/** Where systemd's journal takes messages in its own protocol. */
const journalSocket = '/run/systemd/journal/socket';

/** RFC 5424, section 6.2.1. */
const priorities = { error: '3', information: '6' };

/**
 * The destination of a container's log in systemd's journal, with dockerd's fields and those that the options chose.
 * Its protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL.
 */
export function journalDestination(
  options: Record<string, string>,
  subject: LogSubject,
  attributes: Map<string, string>,
  socket = journalSocket,
): Destination {
  const tag = tagOf(options, subject);
  const fields = new Map([
    ['CONTAINER_ID', subject.id.slice(0, 12)],
    ['CONTAINER_ID_FULL', subject.id],
    ['CONTAINER_NAME', subject.name],
    ['CONTAINER_TAG', tag],
    ['IMAGE_NAME', subject.imageName],
    ['SYSLOG_IDENTIFIER', tag],
  ]);
  for (const [name, value] of attributes) fields.set(fieldName(name), value);
  const common = Buffer.concat([...fields].map(([name, value]) => field(name, Buffer.from(value))));
  return {
    name: 'the journal',
    async open() {
      if (!existsSync(socket)) throw new Error('journald is not enabled on this host');
      return openDatagrams(socket);
    },
    encode({ isError, time, text, part }) {
      const more: [string, string][] = [
        ['PRIORITY', isError ? priorities.error : priorities.information],
        ['SYSLOG_TIMESTAMP', `${time}Z`],
      ];
      if (part) {
        const id = `${subject.id.slice(0, 32)}${part.id.toString(16).padStart(32, '0')}`;
        more.push(['CONTAINER_PARTIAL_MESSAGE', 'true'], ['CONTAINER_PARTIAL_ID', id]);
        more.push(['CONTAINER_PARTIAL_ORDINAL', String(part.ordinal)]);
        more.push(['CONTAINER_PARTIAL_LAST', String(part.isLast)]);
      }
      return Buffer.concat([
        field('MESSAGE', text),
        ...more.map(([name, value]) => field(name, Buffer.from(value))),
        common,
      ]);
    },
  };
}

/** A name as the journal takes it from programs: it may not begin with an underscore, or be anything but these letters. */
function fieldName(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')
    .replace(/^_+/, '');
}

/** `NAME=value`, or for values of several lines the name, their length and they themselves. */
function field(name: string, value: Buffer): Buffer {
  if (!value.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), value, Buffer.from('\n')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from('\n')]);
}
