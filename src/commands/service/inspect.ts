import { ApiError, routes, type Service, swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { asText } from '../../http/raw.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';

const query = { insertDefaults: true };

/** Asks for a service; one that is not there is told of in docker's words. */
async function find<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    throw new CommandError(`Error: no such service: ${name}`, 1, { cause: error });
  }
}

/** Names of the networks of a service; one that cannot be asked for keeps its ID. */
function networkNames(client: Client, { Spec }: Service): Promise<string[]> {
  const networks = Spec.TaskTemplate.Networks ?? Spec.Networks ?? [];
  return Promise.all(
    networks.map(async ({ Target = '' }) => {
      try {
        const path = { name: Target };
        return (await client.call(routes.networkInspect, { path, query: { scope: 'swarm' } })).Name;
      } catch {
        return Target;
      }
    }),
  );
}

export default defineCommand({
  usage: '[OPTIONS] SERVICE [SERVICE...]',
  summary: 'Display detailed information on one or more services',
  examples: [
    { command: 'service inspect --pretty web', explanation: 'What a person wants to know of it' },
    { command: "service inspect -f '{{.Spec.Mode.Replicated.Replicas}}' web", explanation: 'One value' },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    pretty: flag.boolean({ summary: 'Print it for people' }),
  },
  run: ({ format, pretty }, names, context) =>
    withManager(context, async (client) => {
      if (pretty && format !== '') {
        throw new CommandError('--format is incompatible with human friendly format');
      }
      if (pretty || format === 'pretty') {
        const { serviceText } = await import('../../format/service-text.ts');
        const texts: string[] = [];
        for (const id of names) {
          const ask = () => client.call(swarmRoutes.serviceInspect, { path: { id }, query });
          const service = await find(id, ask);
          const networks = await networkNames(client, service);
          texts.push(serviceText(service, { networks, now: new Date() }));
        }
        await context.streams.out.write(texts.join(''));
        return 0;
      }
      const findRaw = async (id: string) => ({
        raw: await find(id, () => client.call(asText(swarmRoutes.serviceInspect), { path: { id }, query })),
        inspectable: { kind: 'service' },
      });
      await inspectNames(names, format, findRaw, context);
      return 0;
    }),
});
