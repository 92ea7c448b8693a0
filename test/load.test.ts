import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFrom, seed, wished } from './support/random.ts';
import { usageOf } from './support/usage.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { isGone, waitFor } from './support/wait.ts';

const { engine } = await useEngine();

const containers = 50;
const atOnce = 8;
const cycles = wished('CYCLES', 60);
const kills = wished('KILLS', 3);

/** How long a request took, the slowest of each kind. */
const slowest = new Map<string, number>();

/** A request that is timed; it fails unless the engine says that it was done. */
async function ask<T>(kind: string, method: string, path: string, body?: object): Promise<T> {
  const begin = performance.now();
  const answer = await engine.request(method, path, body && JSON.stringify(body));
  slowest.set(kind, Math.max(slowest.get(kind) ?? 0, performance.now() - begin));
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return (answer.body === '' ? null : JSON.parse(answer.body)) as T;
}

/** Works through all of it, so many at a time. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Says what no test may depend on, because machines differ. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

const create = (name: string, script: string, more: object = {}) =>
  ask<{ Id: string }>('create', 'POST', `/containers/create?name=${name}`, {
    Image: 'busybox',
    Cmd: ['sh', '-c', script],
    ...more,
  }).then(({ Id }) => Id);
const start = (id: string) => ask('start', 'POST', `/containers/${id}/start`);
const remove = (id: string) => ask<null>('remove', 'DELETE', `/containers/${id}?force=1&v=1`);
const wait = (id: string) => engine.request('POST', `/containers/${id}/wait`);

interface Summary {
  Id: string;
  Names: string[];
  State: string;
}
const list = (filters: object = {}) =>
  ask<Summary[]>(
    'list',
    'GET',
    `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`,
  );

interface State {
  Status: string;
  Running: boolean;
  Pid: number;
  ExitCode: number;
}

describe('an engine under load', () => {
  it(`brings ${containers} containers up and takes them away`, async () => {
    const health = { Healthcheck: { Test: ['CMD', 'true'], Interval: 500_000_000 } };
    const names = Array.from({ length: containers }, (_, index) => `many${index}`);
    const script = 'trap "exit 7" TERM; sleep 1000 & wait';
    await inTurns(names, async (name) => {
      await start(await create(name, script, health));
    });
    await waitFor(
      async () => (await list({ health: ['healthy'] })).length === containers,
      'good health',
      60_000,
    );
    await inTurns(names, async (name) => {
      await ask('stop', 'POST', `/containers/${name}/stop`);
    });
    await inTurns(names, async (name) => {
      const { State } = await ask<{ State: State }>('inspect', 'GET', `/containers/${name}/json`);
      expect(State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 7 });
      await remove(name);
    });
    expect(await list()).toEqual([]);
    const times = [...slowest].map(([kind, time]) => `${kind} ${time.toFixed(0)} ms`);
    tell(`slowest requests, ${containers} containers, ${atOnce} at a time: ${times.join(', ')}`);
  }, 120_000);

  it.skipIf(againstOriginal.engine)(
    `is no larger after ${cycles} cycles of create, start and rm`,
    async () => {
      const cycle = async (number: number) => {
        const code = number % 200;
        const id = await create(`cycle${number}`, `exit ${code}`);
        await start(id);
        expect(JSON.parse((await wait(id)).body)).toMatchObject({ StatusCode: code });
        await remove(id);
      };
      const numbers = (from: number, count: number) =>
        Array.from({ length: count }, (_, index) => from + index);
      // What is made ahead and kept for later is there after the first few.
      await inTurns(numbers(0, 40), cycle);
      const before = usageOf(engine);
      await inTurns(numbers(1000, cycles), cycle);
      const after = usageOf(engine);
      const growth = Object.entries(after).map(([what, value]) => {
        const was = before[what as keyof typeof before];
        return `${what} ${was} to ${value}`;
      });
      tell(`${cycles} cycles: ${growth.join(', ')}`);
      // A few network namespaces are made ahead.
      expect(after.mounts).toBeLessThanOrEqual(before.mounts + 8);
      // The programs that the engine talks to may be between two of their lives.
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 12);
      expect(after.files).toBeLessThanOrEqual(before.files + 8);
      // SQLite merges its log into the database at every 1000 pages, 4 MB.
      expect(after.database).toBeLessThanOrEqual(before.database + 6_000_000);
      // Garbage is collected late where there is much memory: what grows up to here falls back again.
      expect(after.memory).toBeLessThanOrEqual(before.memory + 192_000_000);
    },
    600_000,
  );
});

/** A container as its client knows it: what it was told, and what it asked for without an answer. */
interface Known {
  name: string;
  id: string;
  /** What its program exits with, unless it is killed. */
  code: number;
  created: boolean;
  /** The engine has said that it was started. */
  started: boolean;
  /** A start was asked for. */
  asked: boolean;
  /** A removal by force was asked for, which kills it. */
  killed: boolean;
  removed: boolean;
}

describe.skipIf(againstOriginal.engine)(
  `an engine that is killed ${kills} times (DAVIT_TEST_SEED=${seed})`,
  () => {
    const random = randomFrom(seed);
    const all: Known[] = [];
    let stopped = false;

    /** One container after the other, until the engine is gone; what it was about then is left as it is. */
    async function client(round: number, number: number): Promise<void> {
      for (let turn = 0; !stopped; turn++) {
        const name = `r${round}c${number}t${turn}`;
        const fresh = { created: false, started: false, asked: false, killed: false, removed: false };
        const one: Known = { name, id: '', code: 1 + Math.floor(random() * 120), ...fresh };
        const lifetime = random() * 0.6;
        const isEnding = random() < 0.7;
        const isRemoved = random() < 0.6;
        all.push(one);
        try {
          one.id = await create(name, `sleep ${lifetime.toFixed(2)}; exit ${one.code}`);
          one.created = true;
          one.asked = true;
          await start(one.id);
          one.started = true;
          if (isEnding) {
            const answer = await wait(one.id);
            expect(JSON.parse(answer.body), name).toMatchObject({ StatusCode: one.code });
          }
          if (!isRemoved) continue;
          one.killed = true;
          await remove(one.id);
          one.removed = true;
        } catch (error) {
          if (stopped) return;
          throw error;
        }
      }
    }

    async function check(one: Known, listed: Map<string, Summary>): Promise<void> {
      const summary = listed.get(`/${one.name}`);
      if (one.removed) return expect(summary, `${one.name} was removed`).toBeUndefined();
      if (!one.killed && one.created) expect(summary, `${one.name} was created`).toBeDefined();
      if (!summary) return;
      const { State } = await ask<{ State: State }>('inspect', 'GET', `/containers/${summary.Id}/json`);
      const what = `${one.name} ${JSON.stringify(one)} ${JSON.stringify(State)}`;
      expect(['created', 'running', 'exited'], what).toContain(State.Status);
      if (State.Running) {
        // It may end between the answer and the look at it.
        if (isGone(State.Pid))
          return check(one, new Map((await list()).map((each) => [each.Names[0] ?? '', each])));
        expect(readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8'), what).toContain(summary.Id);
        return;
      }
      expect(State.Pid, what).toBe(0);
      if (one.started) expect(State.Status, what).toBe('exited');
      if (State.Status === 'created') return;
      // Someone has asked for its start, and it ended by itself, or because someone wanted it away.
      expect(one.asked, what).toBe(true);
      if (State.ExitCode !== one.code) expect([one.killed, State.ExitCode], what).toEqual([true, 137]);
    }

    beforeAll(() => slowest.clear());

    it('knows afterwards what became of every container', async () => {
      for (let round = 0; round < kills; round++) {
        stopped = false;
        const clients = Array.from({ length: atOnce }, (_, number) => client(round, number));
        const over = Promise.all(clients);
        over.catch(() => undefined);
        await pause(300 + random() * 1500);
        stopped = true;
        await engine.crash();
        await over;
        await engine.start();
        const listed = new Map((await list()).map((each) => [each.Names[0] ?? '', each]));
        const names = new Set(all.map(({ name }) => `/${name}`));
        expect([...listed.keys()].filter((name) => !names.has(name))).toEqual([]);
        await inTurns(all, (one) => check(one, listed));
      }
      // In the end those that ran on have ended with what they were to end with.
      const left = all.filter(({ removed }) => !removed);
      const listed = await list();
      await inTurns(listed, async ({ Id, Names, State }) => {
        if (State === 'created') return;
        const one = left.find(({ name }) => `/${name}` === Names[0]);
        const { StatusCode } = JSON.parse((await wait(Id)).body) as { StatusCode: number };
        expect([one?.code, ...(one?.killed ? [137] : [])], Names[0]).toContain(StatusCode);
      });
      tell(`${kills} kills, ${all.length} containers, ${listed.length} left, seed ${seed}`);
      await inTurns(listed, async ({ Id }) => {
        await remove(Id);
      });
      expect(await list()).toEqual([]);
    }, 1_200_000);
  },
);
