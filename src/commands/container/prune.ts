import { routes } from '@davit/api';
import { defineCommand, noArguments } from '../command.ts';
import { deletedText, mayPrune, pruneFlags, reclaimedText } from '../prune.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove all stopped containers',
  description: 'Removes the containers that do not run, with what they have written.',
  examples: [
    {
      command: 'container prune -f --filter until=24h',
      explanation: 'Those that were made more than a day ago, without asking',
    },
  ],
  arguments: noArguments,
  flags: pruneFlags,
  run: async ({ filter, force }, _args, context) => {
    const { streams } = context;
    if (!(await mayPrune(streams, force, 'This will remove all stopped containers.'))) return 0;
    const client = await context.connect();
    const { ContainersDeleted, SpaceReclaimed } = await client.call(routes.containerPrune, {
      query: { filters: filter },
    });
    await streams.out.write(deletedText('Containers', ContainersDeleted));
    await streams.out.line(reclaimedText(SpaceReclaimed));
    return 0;
  },
});
