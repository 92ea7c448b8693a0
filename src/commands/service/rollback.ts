import { swarmRoutes } from '@davit/api';
import { defineCommand, exactly } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { waitForService } from './converge.ts';
import { waitFlags } from './flags/command.ts';

export default defineCommand({
  usage: '[OPTIONS] SERVICE',
  summary: "Revert changes to a service's configuration",
  examples: [{ command: 'service rollback web', explanation: 'Back to what it was before the last update' }],
  arguments: exactly(1),
  flags: waitFlags,
  run: ({ detach, quiet }, [name = ''], context) =>
    withManager(context, async (client) => {
      const { ID, Version, Spec } = await client.call(swarmRoutes.serviceInspect, { path: { id: name } });
      const { Warnings } = await client.call(swarmRoutes.serviceUpdate, {
        path: { id: ID },
        query: { version: Version.Index, rollback: 'previous' },
        body: Spec,
      });
      for (const text of Warnings ?? []) await context.streams.err.line(text);
      await context.streams.out.line(name);
      if (!detach) await waitForService(client, name, { quiet }, context);
      return 0;
    }),
});
