import { beforeEach, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import type { Delivery } from './destination.ts';
import type { LogPosition } from './message.ts';
import { createOutbox } from './outbox.ts';
import { message } from './receiver.fixture.ts';

beforeEach(() => setLogLevel('fatal'));

function begin(delivery: Delivery, sent: (position: LogPosition) => Promise<void>) {
  const ending = new AbortController();
  const destination = {
    name: 'somewhere',
    open: async () => delivery,
    encode: ({ text }: { text: Buffer }) => text,
  };
  const outbox = createOutbox({ destination, delivery: null, buffer: null, signal: ending.signal, sent });
  return { outbox, ending };
}

test('a log is sent on when it cannot be written down how much was sent', async () => {
  const texts: string[] = [];
  const delivery = {
    send: async (bytes: Buffer) => void texts.push(bytes.toString()),
    close: () => undefined,
  };
  const { outbox, ending } = begin(delivery, () => Promise.reject(new Error('no space left on device')));
  await outbox.put(message('one'));
  await outbox.empty();
  await outbox.put(message('two'));
  await outbox.empty();
  ending.abort();
  await outbox.ended;
  expect(texts).toEqual(['one', 'two']);
});

test('one that is given up hangs up on a destination that takes nothing', async () => {
  const sending = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const delivery = {
    send() {
      asked.resolve();
      return sending.promise;
    },
    close: () => sending.reject(new Error('closed')),
  };
  const positions: LogPosition[] = [];
  const { outbox, ending } = begin(delivery, async (position) => void positions.push(position));
  await outbox.put(message('one'));
  await asked.promise;
  ending.abort();
  await outbox.ended;
  expect(positions).toEqual([]);
});
