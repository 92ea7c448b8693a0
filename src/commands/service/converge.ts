import { setTimeout as later } from 'node:timers/promises';
import { type ProgressMessage, type Service, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError, Interrupted } from '../../exit.ts';
import { showProgress } from '../../format/progress.ts';
import type { Client } from '../../http/client.ts';
import { createGlobalUpdater } from './convergence/global.ts';
import { createGlobalJobUpdater, createReplicatedJobUpdater } from './convergence/jobs.ts';
import { createReplicatedUpdater } from './convergence/replicated.ts';
import type { Snapshot, Updater } from './convergence/updater.ts';

/** Milliseconds between two looks at a service. */
const pause = 200;

function updaterFor(service: Service): Updater {
  const { Mode = {} } = service.Spec;
  if (Mode.Replicated) return createReplicatedUpdater();
  if (Mode.Global) return createGlobalUpdater();
  if (Mode.ReplicatedJob) return createReplicatedJobUpdater(service);
  if (Mode.GlobalJob) return createGlobalJobUpdater();
  throw new CommandError('unrecognized service mode');
}

async function look(client: Client, id: string): Promise<Omit<Snapshot, 'rollback'>> {
  const service = await client.call(swarmRoutes.serviceInspect, { path: { id } });
  const filters = { service: [id], '_up-to-date': ['true'] };
  const [tasks, nodes] = await Promise.all([
    client.call(swarmRoutes.taskList, { query: { filters } }),
    client.call(swarmRoutes.nodeList),
  ]);
  const up = nodes.filter(({ Status }) => Status.State !== 'down');
  return { service, tasks, activeNodes: new Set(up.map(({ ID }) => ID)) };
}

/** What becomes of a service, until it has converged and stayed so. Throws CommandError when its update is paused. */
async function* follow(client: Client, id: string, signal: AbortSignal): AsyncGenerator<ProgressMessage> {
  let updater: Updater | undefined;
  let convergedAt: number | undefined;
  let rollback = false;
  let last: ProgressMessage | undefined;
  for (;;) {
    const seen = await look(client, id);
    const { service } = seen;
    updater ??= updaterFor(service);
    const { State, Message = '' } = service.UpdateStatus ?? {};
    switch (State) {
      case 'updating':
        rollback = false;
        break;
      case 'completed':
        if (convergedAt === undefined) return;
        break;
      case 'paused':
        throw new CommandError(`service update paused: ${Message}`);
      case 'rollback_started':
        if (!rollback && Message !== '') yield { id: 'rollback', status: Message, progressDetail: {} };
        rollback = true;
        break;
      case 'rollback_paused':
        throw new CommandError(`service rollback paused: ${Message}`);
      case 'rollback_completed':
        if (convergedAt === undefined) last = { id: 'rollback', status: Message };
        rollback = true;
        break;
    }
    const monitor = (service.Spec.UpdateConfig?.Monitor || 5e9) / 1e6;
    if (convergedAt !== undefined && performance.now() - convergedAt >= monitor) {
      yield { id: 'verify', status: `Service ${id} converged`, progressDetail: {} };
      if (last) yield last;
      return;
    }
    const { messages, converged } = updater({ ...seen, rollback });
    yield* messages;
    if (converged && service.JobStatus) {
      yield { status: 'job complete' };
      return;
    }
    if (converged) {
      convergedAt ??= performance.now();
      const left = Math.floor((monitor - (performance.now() - convergedAt)) / 1000) + 1;
      const status = `Waiting ${left} seconds to verify that tasks are stable...`;
      if (left > 0) yield { id: 'verify', status, progressDetail: {} };
    } else {
      if (convergedAt !== undefined) {
        yield { id: 'verify', status: 'Detected task failure', progressDetail: {} };
      }
      convergedAt = undefined;
    }
    await later(pause, undefined, { signal });
  }
}

/** What has changed since it was last said. */
async function* news(messages: AsyncIterable<ProgressMessage>): AsyncGenerator<ProgressMessage> {
  const said = new Map<string, string>();
  for await (const message of messages) {
    const text = JSON.stringify(message);
    if (message.id && said.get(message.id) === text) continue;
    said.set(message.id ?? '', text);
    yield message;
  }
}

/**
 * Waits until a service is as it was asked for, and shows how it goes. A SIGINT only ends the waiting. Throws
 * CommandError when the managers have stopped an update.
 */
export async function waitForService(
  client: Client,
  id: string,
  { quiet }: { quiet: boolean },
  { program, signal, streams }: CommandContext,
): Promise<void> {
  try {
    const output = quiet ? undefined : streams.out;
    await showProgress(news(follow(client, id, signal)), { output });
  } catch (error) {
    if (!(signal.aborted && signal.reason instanceof Interrupted)) throw error;
    if (signal.reason.signal !== 'SIGINT') throw signal.reason;
    if (quiet) return;
    await streams.out.line('Operation continuing in background.');
    await streams.out.line(`Use \`${program} service ps ${id}\` to check progress.`);
  }
}

/**
 * Waits for one service after the other; returns what went wrong, a line for each. A SIGINT ends the waiting for all
 * of them. Throws Interrupted for other signals.
 */
export async function waitForServices(
  client: Client,
  ids: readonly string[],
  options: { quiet: boolean },
  context: CommandContext,
): Promise<string[]> {
  const problems: string[] = [];
  for (const id of ids) {
    try {
      await waitForService(client, id, options, context);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      problems.push(`${id}: ${describeError(error)}`);
    }
    if (context.signal.aborted) break;
  }
  return problems;
}
