import type { EventMessage, Filters } from '@davit/api';
import { expect, test } from 'vitest';
import { parseMoment } from '../clock.ts';
import { createEventBus } from '../events/bus.ts';
import { type EventQuery, encodeEvent, openEvents } from './events.ts';
import { matchesFilters } from './filter.ts';

const event = (change: Partial<EventMessage>, ID = 'abc123', Attributes = {}): EventMessage => ({
  Type: 'container',
  Action: 'start',
  Actor: { ID, Attributes },
  scope: 'local',
  time: 1,
  timeNano: 1_000_000_000n,
  ...change,
});

const started = event({}, 'abc123', { name: 'web', image: 'debian:12', 'com.example.role': 'front' });
const pulled = event({ Type: 'image', Action: 'pull' }, 'repo.example:5000/debian:12', {
  name: 'repo.example:5000/debian',
});
const executed = event({ Action: 'exec_create: ls -l' }, 'abc123', { name: 'web' });

test.each<[Filters, EventMessage, boolean]>([
  [{}, started, true],
  [{ type: ['container'] }, started, true],
  [{ type: ['image', 'volume'] }, started, false],
  [{ event: ['stop', 'start'] }, started, true],
  [{ event: ['exec_create'] }, executed, true],
  [{ event: ['exec'] }, executed, false],
  [{ event: ['star'] }, started, false],
  [{ container: ['abc'] }, started, true],
  [{ container: ['we'] }, started, true],
  [{ container: ['db'] }, started, false],
  [{ container: ['abc'], event: ['die'] }, started, false],
  [{ container: ['abc'] }, pulled, false],
  [{ image: ['debian'] }, started, true],
  [{ image: ['debian:12'] }, started, true],
  [{ image: ['debian:13'] }, started, false],
  [{ image: ['repo.example:5000/debian'] }, pulled, true],
  [{ image: ['repo.example'] }, pulled, false],
  [{ label: ['com.example.role'] }, started, true],
  [{ label: ['com.example.role=front'] }, started, true],
  [{ label: ['com.example.role=back'] }, started, false],
  [{ label: ['nosuch'] }, started, false],
  [{ network: ['abc'] }, started, false],
  [{ scope: ['swarm'] }, started, false],
  [{ scope: ['local'], daemon: [] }, started, true],
])('%o', (filters, message, matching) => {
  expect(matchesFilters(filters, message)).toBe(matching);
});

test('times are read to the nanosecond', () => {
  expect(parseMoment('since', '')).toBeNull();
  expect(parseMoment('since', '1700000000')).toBe(1_700_000_000_000_000_000n);
  expect(parseMoment('since', '1.5')).toBe(1_500_000_000n);
  expect(parseMoment('since', '1.000000001')).toBe(1_000_000_001n);
  expect(parseMoment('since', '-2')).toBe(-2_000_000_000n);
  expect(parseMoment('since', '2026-11-25T07:33:03.5Z')).toBe(1_795_591_983_500_000_000n);
  for (const bad of ['abc', '1e3', '10m', '1.', '99999999999999'])
    expect(() => parseMoment('since', bad)).toThrow('is no point in time');
});

async function collect(events: AsyncIterable<EventMessage>): Promise<string[]> {
  const actions: string[] = [];
  for await (const { Action } of events) actions.push(Action);
  return actions;
}

const query = (change: Partial<EventQuery>): EventQuery => ({ since: '', until: '', filters: {}, ...change });
const never = new AbortController().signal;
const tomorrow = () => String(Math.floor(Date.now() / 1000) + 86_400);

test('the past is told only to those who ask for it, and without end only until they leave', async () => {
  const bus = createEventBus();
  bus.publish('container', 'create', 'a');
  bus.publish('volume', 'create', 'v');
  bus.publish('container', 'start', 'a');
  const now = (Date.now() / 1000 + 1).toFixed(3);
  expect(await collect(openEvents(bus, query({ since: '1', until: now }), AbortSignal.abort()))).toEqual([
    'create',
    'create',
    'start',
  ]);
  expect(await collect(openEvents(bus, query({ until: '5' }), never))).toEqual([]);
  const departure = new AbortController();
  const following = collect(openEvents(bus, query({ filters: { type: ['container'] } }), departure.signal));
  expect(bus.listeners).toBe(1);
  bus.publish('container', 'die', 'a');
  bus.publish('volume', 'destroy', 'v');
  bus.publish('container', 'destroy', 'a');
  await new Promise((resolve) => setTimeout(resolve, 10));
  bus.publish('container', 'create', 'b');
  departure.abort();
  expect(await following).toEqual(['die', 'destroy', 'create']);
  expect(bus.listeners).toBe(0);
});

test('the stream ends by itself at its end', async () => {
  const bus = createEventBus();
  const until = ((Date.now() + 60) / 1000).toFixed(3);
  const following = collect(openEvents(bus, query({ until }), never));
  bus.publish('container', 'start', 'a');
  expect(await following).toEqual(['start']);
  expect(bus.listeners).toBe(0);
});

test('queries that make no sense are refused at once', () => {
  const bus = createEventBus();
  expect(() => openEvents(bus, query({ since: '10', until: '5' }), never)).toThrow(
    '`since` time (10) cannot be after `until` time (5)',
  );
  expect(() => openEvents(bus, query({ since: 'x', until: tomorrow() }), never)).toThrow(
    'invalid value for since',
  );
});

test('events are written as by dockerd', () => {
  const message = event(
    { status: 'start', id: 'abc123', from: 'debian:12', timeNano: 1764057600123456789n },
    'abc123',
    {
      name: 'web',
      image: 'debian:12',
    },
  );
  expect(JSON.stringify(encodeEvent(message))).toBe(
    '{"status":"start","id":"abc123","from":"debian:12","Type":"container","Action":"start","Actor":{"ID":"abc123","Attributes":{"image":"debian:12","name":"web"}},"scope":"local","time":1,"timeNano":1764057600123456789}',
  );
  expect(JSON.stringify(encodeEvent({ ...message, Type: 'network' }))).toMatch(
    /^\{"Type":"network","Action"/,
  );
});
