import { setTimeout as later } from 'node:timers/promises';
import { routes, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { checkStackName, ofStack } from './convert/stack.ts';

/** Milliseconds between two looks at the tasks of what was removed. */
const pause = 200;

interface Part {
  kind: string;
  id: string;
  name: string;
  remove(): Promise<unknown>;
}

/** All that belongs to a stack, in the order in which it can be removed. */
async function partsOf(client: Client, stack: string): Promise<Part[]> {
  const query = { filters: ofStack(stack) };
  const [services, networks, secrets, configs] = await Promise.all([
    client.call(swarmRoutes.serviceList, { query }),
    client.call(routes.networkList, { query }),
    client.call(swarmRoutes.secretList, { query }),
    client.call(swarmRoutes.configList, { query }),
  ]);
  const part =
    (kind: string, remove: (id: string) => Promise<unknown>) =>
    ({ ID, Spec }: { ID: string; Spec: { Name: string } }): Part => ({
      kind,
      id: ID,
      name: Spec.Name,
      remove: () => remove(ID),
    });
  return [
    ...services.map(part('service', (id) => client.call(swarmRoutes.serviceRemove, { path: { id } }))),
    ...secrets.map(part('secret', (id) => client.call(swarmRoutes.secretRemove, { path: { id } }))),
    ...configs.map(part('config', (id) => client.call(swarmRoutes.configRemove, { path: { id } }))),
    ...networks
      .map(({ Id, Name }) => ({ ID: Id, Spec: { Name } }))
      .map(part('network', (name) => client.call(routes.networkRemove, { path: { name } }))),
  ];
}

async function removeParts(parts: readonly Part[], { streams }: CommandContext): Promise<boolean> {
  let failed = false;
  for (const { kind, id, name, remove } of parts) {
    await streams.out.line(`Removing ${kind} ${name}`);
    try {
      await remove();
    } catch (error) {
      failed = true;
      await streams.err.line(`Failed to remove ${kind} ${id}: ${describeError(error)}`);
    }
  }
  return !failed;
}

const ended = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];

/** Waits until no task of a stack runs any more. */
async function waitForTasks(client: Client, stack: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const tasks = await client.call(swarmRoutes.taskList, { query: { filters: ofStack(stack) } });
    if (tasks.every(({ Status }) => ended.includes(Status.State ?? ''))) return;
    await later(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

export default defineCommand({
  usage: '[OPTIONS] STACK [STACK...]',
  summary: 'Remove one or more stacks',
  description:
    'Removes the services, networks, secrets and configs of stacks. Volumes on the nodes are kept.',
  examples: [
    { command: 'stack rm -d=false shop', explanation: 'Remove it, and wait until its tasks have ended' },
  ],
  arguments: atLeast(1),
  flags: {
    detach: flag.boolean({ short: 'd', summary: 'Do not wait until the tasks have ended', default: true }),
  },
  run: async ({ detach }, names, context) => {
    names.forEach(checkStackName);
    return withManager(context, async (client) => {
      const problems: string[] = [];
      for (const name of names) {
        const parts = await partsOf(client, name);
        if (parts.length === 0) {
          await context.streams.err.line(`Nothing found in stack: ${name}`);
          continue;
        }
        if (!(await removeParts(parts, context))) {
          problems.push(`failed to remove some resources from stack: ${name}`);
        } else if (!detach) await waitForTasks(client, name, context.signal);
      }
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
      return 0;
    });
  },
});
