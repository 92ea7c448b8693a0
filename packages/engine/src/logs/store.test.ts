import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import { until } from './receiver.fixture.ts';
import type { Shipment } from './shipment.ts';
import { createLogStore } from './store.ts';

let folder: string;
beforeEach(async () => {
  setLogLevel('fatal');
  folder = await mkdtemp(join(tmpdir(), 'davit-logs-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the log of a container that starts again is sent on from where the sending before came to', async () => {
  const path = join(folder, 'ctr.log');
  const print = (second: number, text: string) =>
    appendFile(path, `2026-11-25T07:00:0${second}.000000000+00:00 stdout F ${text}\n`);
  const sent: string[] = [];
  /** What was written down as sent when a sending began. */
  const positions: string[] = [];
  const gate = Promise.withResolvers<void>();
  const shipment: Shipment = {
    buffer: null,
    async destination() {
      const place = `${path}.sent`;
      positions.push(existsSync(place) ? readFileSync(place, 'latin1') : '');
      return {
        name: 'a gate',
        encode: ({ text }) => Buffer.from(text),
        open: async () => ({
          async send(bytes) {
            sent.push(bytes.toString());
            await gate.promise;
          },
          close: () => undefined,
        }),
      };
    },
  };
  const store = createLogStore(
    () => path,
    () => ({ reopen: async () => false, isAsked: async () => false }),
  );
  const log = { id: 'ctr', limits: null, shipment };
  await print(1, 'one');
  store.keep(log);
  await until(() => sent.length === 1);
  // The container starts again while its last words are still on their way.
  store.keep(log);
  for (let turns = 0; turns < 50; turns++) await stat(path);
  gate.resolve();
  await print(2, 'two');
  await store.settle(log);
  await until(() => sent.length >= 2);
  expect(sent).toEqual(['one', 'two']);
  expect(positions).toEqual(['', expect.stringMatching(/^2026-11-25T07:00:01/)]);
  store.close();
});
