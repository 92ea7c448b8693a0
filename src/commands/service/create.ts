import { swarmRoutes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { registryAuth } from '../registry-auth.ts';
import { withManager } from '../swarm/manager.ts';
import { waitForService } from './converge.ts';
import { createFlags } from './flags/command.ts';
import { createSpec } from './spec/create.ts';
import { resolveImage } from './spec/image.ts';

export default defineCommand({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new service',
  description:
    'Has a Swarm run containers of an image on its nodes, and see to it that as many as are asked for go on running. ' +
    'Prints the ID of the service and waits until its tasks run, unless --detach is given.',
  examples: [
    { command: 'service create --name web --replicas 3 -p 80:8080 nginx', explanation: 'Three of them' },
    {
      command: 'service create --mode global --mount type=bind,src=/,dst=/host,ro agent',
      explanation: 'One on each node',
    },
  ],
  arguments: atLeast(1),
  stopAtFirstArgument: true,
  flags: createFlags,
  run: (options, [image = '', ...args], context) =>
    withManager(context, async (client) => {
      const { streams, environment } = context;
      const spec = await createSpec(options, { image, args, environment }, client);
      const headers = options.withRegistryAuth ? await registryAuth(image, context) : {};
      const { task, warning } = options.noResolveImage
        ? { task: spec.TaskTemplate, warning: '' }
        : await resolveImage(client, spec.TaskTemplate, headers, context);
      const { ID, Warnings } = await client.call(swarmRoutes.serviceCreate, {
        body: { ...spec, TaskTemplate: task },
        headers,
      });
      for (const text of [...(Warnings ?? []), ...(warning ? [warning] : [])]) await streams.err.line(text);
      await streams.out.line(ID);
      if (!options.detach) await waitForService(client, ID, options, context);
      return 0;
    }),
});
