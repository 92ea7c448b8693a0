import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerConfig, HealthStatus } from '@davit/api';
import { formatTime, now, parseTime } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { ContainerRecord, RecordedHealth } from '../state/containers.ts';
import type { Context } from './context.ts';
import type { Execs } from './exec.ts';

const second = 1_000_000_000;
/** dockerd's own, in nanoseconds. */
const defaults = { interval: 30 * second, timeout: 30 * second, startInterval: 5 * second, retries: 3 };
const keptResults = 5;
const keptOutput = 4096;
const sigkill = 9;
/** Timers of Node cannot wait longer. */
const longestWait = 2 ** 31 - 1;

type Result = RecordedHealth['log'][number];

/** The program that tells how a container is; null when none is asked for. */
export function probeOf({ Healthcheck, Shell }: ContainerConfig): string[] | null {
  const [kind, ...words] = Healthcheck?.Test ?? [];
  if (kind === 'CMD') return words.length > 0 ? words : null;
  if (kind !== 'CMD-SHELL') return null;
  return [...(Shell?.length ? Shell : ['/bin/sh', '-c']), ...words];
}

/** Milliseconds until the next probe: more often while the container is given time to start. */
export function nextProbe({ config, state }: ContainerRecord, at: bigint): number {
  const { Interval = 0, StartInterval = 0 } = config.Healthcheck ?? {};
  const isStarting = state.health?.status === 'starting' && isYoung(config, state.startedAt, at);
  const wait = isStarting ? StartInterval || defaults.startInterval : Interval || defaults.interval;
  return Math.min(wait / 1e6, longestWait);
}

function isYoung({ Healthcheck }: ContainerConfig, startedAt: string, at: bigint): boolean {
  return at - (parseTime(startedAt) ?? 0n) < BigInt(Healthcheck?.StartPeriod ?? 0);
}

/** What is known of a container's health after one more result. */
export function addResult({ config, state }: ContainerRecord, result: Result): RecordedHealth {
  const before = state.health ?? startingHealth(null);
  const results = [...before.log, result].slice(-keptResults);
  if (result.ExitCode === 0) return { status: 'healthy', failingStreak: 0, log: results };
  const isForgiven =
    before.status === 'starting' && isYoung(config, state.startedAt, parseTime(result.Start) ?? 0n);
  if (isForgiven) return { ...before, log: results };
  const failingStreak = before.failingStreak + 1;
  const retries = config.Healthcheck?.Retries || defaults.retries;
  const status: HealthStatus = failingStreak >= retries ? 'unhealthy' : before.status;
  return { status, failingStreak, log: results };
}

/** The health of a container that has just been started; what it said before is kept. */
export function startingHealth(before: RecordedHealth | null | undefined): RecordedHealth {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] };
}

/** Writes a duration in nanoseconds as Go does, as far as it goes here: `1.5s`, `1m30s`, `200ms`. */
export function describeTimeout(nanoseconds: number): string {
  if (nanoseconds < second) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / second;
  const minutes = Math.floor(seconds / 60);
  const rest = `${Number((seconds % 60).toFixed(9))}s`;
  if (minutes === 0) return rest;
  return minutes < 60 ? `${minutes}m${rest}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}

/** Collects the beginning of what a probe prints. */
function createCollector() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take(bytes: Buffer) {
      if (size < keptOutput) chunks.push(Buffer.from(bytes.subarray(0, keptOutput - size)));
      size += bytes.length;
    },
    text: () => Buffer.concat(chunks).toString() + (size > keptOutput ? '...' : ''),
  };
}

/** Runs the probe of a container once. Aborting `signal` ends it; what it says then counts for nothing. */
async function probe(execs: Execs, record: ContainerRecord, signal: AbortSignal): Promise<Result> {
  const timeout = record.config.Healthcheck?.Timeout || defaults.timeout;
  const Start = formatTime(now());
  const finish = (ExitCode: number, Output: string): Result => ({
    Start,
    End: formatTime(now()),
    ExitCode,
    Output,
  });
  const output = createCollector();
  const over = new AbortController();
  try {
    const running = await execs.capture(record, probeOf(record.config) ?? [], output.take);
    const waiting = AbortSignal.any([signal, over.signal]);
    const late = sleep(Math.min(timeout / 1e6, longestWait), null, { signal: waiting }).catch(() => null);
    const exitCode = await Promise.race([running.exitCode, late]);
    if (exitCode !== null) return finish(exitCode, output.text());
    await running.kill(sigkill);
    const said = output.text();
    return finish(
      -1,
      `Health check exceeded timeout (${describeTimeout(timeout)})${said === '' ? '' : `: ${said}`}`,
    );
  } catch (error) {
    return finish(-1, messageOf(error));
  } finally {
    over.abort();
  }
}

/** Watches over containers that say how to find out whether they are well. */
export interface HealthMonitor {
  /** Goes on with the containers that an earlier engine watched over; those that start are watched anyway. */
  resume(): void;
  /** Watches no more; what is known stays written down for the next engine. */
  close(): void;
}

export function createHealthMonitor({ store, events, publish }: Context, execs: Execs): HealthMonitor {
  const watched = new Map<string, AbortController>();

  const watch = async (id: string, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const waiting = store.get(id);
      if (!waiting) return;
      await sleep(nextProbe(waiting, now()), undefined, { signal });
      const record = store.get(id);
      if (record?.state.status !== 'running') return;
      const result = await probe(execs, record, signal);
      const current = store.get(id);
      if (signal.aborted || !current) return;
      const health = addResult(current, result);
      store.setState(id, { health });
      if (health.status !== current.state.health?.status) publish(`health_status: ${health.status}`, current);
    }
  };

  const begin = (record: ContainerRecord): void => {
    if (watched.has(record.id)) return;
    const controller = new AbortController();
    watched.set(record.id, controller);
    watch(record.id, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) log.error(`cannot watch over ${record.name}: ${messageOf(error)}`);
    });
  };

  const end = (record: ContainerRecord): void => {
    if (!watched.has(record.id)) return;
    watched.get(record.id)?.abort();
    watched.delete(record.id);
    // As with dockerd, nobody is well who is not looked after.
    const { health } = record.state;
    if (health) store.setState(record.id, { health: { ...health, status: 'unhealthy' } });
  };

  const unsubscribe = events.subscribe(({ Type, Action, Actor }) => {
    const record = Type === 'container' ? store.get(Actor.ID) : undefined;
    if (!record || !probeOf(record.config)) return;
    if (Action === 'start') store.setState(record.id, { health: startingHealth(record.state.health) });
    if (Action === 'start' || Action === 'unpause') begin(record);
    if (Action === 'die' || Action === 'pause') end(record);
  });

  return {
    resume() {
      for (const record of store.all()) {
        if (record.state.status === 'running' && probeOf(record.config)) begin(record);
      }
    },
    close() {
      unsubscribe();
      for (const controller of watched.values()) controller.abort();
      watched.clear();
    },
  };
}
