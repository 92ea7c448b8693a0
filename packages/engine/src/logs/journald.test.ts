import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseAttributes } from './attributes.ts';
import { journalDestination } from './journald.ts';
import { message, receiveDatagrams, subject } from './receiver.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-journal-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a datagram as the journal does. */
function fieldsOf(bytes: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const line = bytes.toString('utf8', at, end);
    const equals = line.indexOf('=');
    if (equals >= 0) {
      fields[line.slice(0, equals)] = line.slice(equals + 1);
      at = end + 1;
    } else {
      const length = Number(bytes.readBigUInt64LE(end + 1));
      fields[line] = bytes.toString('utf8', end + 9, end + 9 + length);
      expect(bytes[end + 9 + length]).toBe(0x0a);
      at = end + 10 + length;
    }
  }
  return fields;
}

test('messages go to the journal with what is told of their container', async () => {
  const path = join(folder, 'socket');
  const receiver = receiveDatagrams(path);
  const options = { labels: 'color,_odd.name', env: 'A,B', tag: '{{.Name}}!' };
  const attributes = await chooseAttributes(options, subject);
  const destination = journalDestination(options, subject, attributes, path);
  const delivery = await destination.open();
  await delivery.send(destination.encode(message('a line')));
  await delivery.send(
    destination.encode(
      message('part\nof\none', { isError: true, part: { id: 3, ordinal: 2, isLast: true } }),
    ),
  );
  const common = {
    ...{ CONTAINER_ID: subject.id.slice(0, 12), CONTAINER_ID_FULL: subject.id, CONTAINER_NAME: 'web' },
    ...{ CONTAINER_TAG: 'web!', SYSLOG_IDENTIFIER: 'web!', IMAGE_NAME: 'busybox' },
    ...{ COLOR: 'blue', ODD_NAME: 'x', A: '1', B: '2\n3' },
    SYSLOG_TIMESTAMP: '2026-11-05T07:43:37.279072476Z',
  };
  expect(fieldsOf(await receiver.next())).toEqual({ ...common, MESSAGE: 'a line', PRIORITY: '6' });
  expect(fieldsOf(await receiver.next())).toEqual({
    ...{ ...common, MESSAGE: 'part\nof\none', PRIORITY: '3', CONTAINER_PARTIAL_MESSAGE: 'true' },
    ...{ CONTAINER_PARTIAL_ORDINAL: '2', CONTAINER_PARTIAL_LAST: 'true' },
    CONTAINER_PARTIAL_ID: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  delivery.close();
  receiver.close();
});

test('a machine without a journal is told of at once', async () => {
  const destination = journalDestination({}, subject, new Map(), join(folder, 'nothing'));
  await expect(destination.open()).rejects.toThrow('journald is not enabled on this host');
});
