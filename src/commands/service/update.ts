import { type Service, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { defineCommand, exactly } from '../command.ts';
import { registryAuth } from '../registry-auth.ts';
import { withManager } from '../swarm/manager.ts';
import { waitForService } from './converge.ts';
import { type UpdateOptions, updateFlags } from './flags/command.ts';
import { resolveImage } from './spec/image.ts';
import { changeSpec } from './spec/update.ts';

/** Flags that say nothing of the service. */
const aside = ['rollback', 'detach', 'quiet'];

/** Whether a flag was given: it differs from what it is when it is not. */
function changesService(options: UpdateOptions): boolean {
  return Object.entries(options).some(([key, value]) => {
    if (aside.includes(key) || !(key in updateFlags)) return false;
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  });
}

async function sendUpdate(
  client: Client,
  service: Service,
  options: UpdateOptions,
  context: CommandContext,
): Promise<void> {
  const { err } = context.streams;
  const spec = await changeSpec(service.Spec, options, { client, environment: context.environment });
  const image = spec.TaskTemplate.ContainerSpec?.Image ?? '';
  const headers = options.withRegistryAuth ? await registryAuth(image, context) : {};
  const { task, warning } =
    options.image === undefined || options.noResolveImage
      ? { task: spec.TaskTemplate, warning: '' }
      : await resolveImage(client, spec.TaskTemplate, headers, context);
  const { Warnings } = await client.call(swarmRoutes.serviceUpdate, {
    path: { id: service.ID },
    query: {
      version: service.Version.Index,
      registryAuthFrom: options.withRegistryAuth ? '' : 'spec',
      rollback: options.rollback ? 'previous' : '',
    },
    body: { ...spec, TaskTemplate: task },
    headers,
  });
  for (const text of [...(Warnings ?? []), ...(warning ? [warning] : [])]) await err.line(text);
}

export default defineCommand({
  usage: '[OPTIONS] SERVICE',
  summary: 'Update a service',
  description:
    'Changes what is given and leaves the rest. Tasks that differ then are exchanged for new ones, one after the ' +
    'other or as --update-parallelism and the flags beside it say. Waits until they run, unless --detach is given.',
  examples: [
    { command: 'service update --image nginx:1.27 web', explanation: 'Bring out a new version' },
    { command: 'service update --env-add DEBUG=1 --publish-rm 8080 web', explanation: 'Other settings' },
  ],
  arguments: exactly(1),
  flags: updateFlags,
  run: (options, [name = ''], context) =>
    withManager(context, async (client) => {
      const service = await client.call(swarmRoutes.serviceInspect, { path: { id: name } });
      if (options.rollback && changesService(options)) {
        throw new CommandError('other flags may not be combined with --rollback');
      }
      await sendUpdate(client, service, options, context);
      await context.streams.out.line(name);
      if (!options.detach) await waitForService(client, name, options, context);
      return 0;
    }),
});
