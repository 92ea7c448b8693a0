import { swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError, UsageError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { atLeast, defineCommand } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { waitForServices } from './converge.ts';
import { waitFlags } from './flags/command.ts';

interface Wanted {
  name: string;
  replicas: string;
}

function parseScale(text: string): Wanted {
  const [, name = '', replicas = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (replicas === '') throw new UsageError('arguments', `invalid scale specifier '${text}'.`);
  return { name, replicas };
}

/** Gives one service its number of tasks. Throws CommandError, ApiError. */
async function scale(client: Client, { name, replicas }: Wanted, { streams }: CommandContext): Promise<void> {
  if (!/^\d+$/.test(replicas)) {
    throw new CommandError(
      `invalid replicas value ${replicas}: strconv.ParseUint: parsing ${JSON.stringify(replicas)}: invalid syntax`,
    );
  }
  const count = Number(replicas);
  const { ID, Version, Spec } = await client.call(swarmRoutes.serviceInspect, { path: { id: name } });
  const { Replicated, ReplicatedJob } = Spec.Mode ?? {};
  if (!Replicated && !ReplicatedJob) {
    throw new CommandError('scale can only be used with replicated or replicated-job mode');
  }
  const Mode = Replicated
    ? { Replicated: { ...Replicated, Replicas: count } }
    : { ReplicatedJob: { ...ReplicatedJob, TotalCompletions: count } };
  const { Warnings } = await client.call(swarmRoutes.serviceUpdate, {
    path: { id: ID },
    query: { version: Version.Index },
    body: { ...Spec, Mode },
  });
  for (const text of Warnings ?? []) await streams.err.line(text);
  await streams.out.line(`${name} scaled to ${count}`);
}

export default defineCommand({
  usage: 'SERVICE=REPLICAS [SERVICE=REPLICAS...]',
  summary: 'Scale one or multiple replicated services',
  examples: [
    { command: 'service scale web=5 worker=2', explanation: 'Give two services their numbers of tasks' },
  ],
  arguments: atLeast(1),
  flags: { detach: waitFlags.detach },
  run: ({ detach }, texts, context) =>
    withManager(context, async (client) => {
      const problems: string[] = [];
      const scaled: string[] = [];
      for (const wanted of texts.map(parseScale)) {
        try {
          await scale(client, wanted, context);
          scaled.push(wanted.name);
        } catch (error) {
          problems.push(`${wanted.name}: ${describeError(error)}`);
        }
      }
      if (!detach) problems.push(...(await waitForServices(client, scaled, { quiet: false }, context)));
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
      return 0;
    }),
});
