import { routes } from '@davit/api';
import { defineCommand, noArguments } from '../command.ts';
import { deletedText, mayPrune, pruneFlags } from '../prune.ts';

const warning = 'This will remove all custom networks not used by at least one container.';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove all unused networks',
  description: 'Removes the networks that someone created and that no container is in.',
  examples: [
    {
      command: 'network prune -f --filter until=24h',
      explanation: 'Those that are older than a day, without asking',
    },
  ],
  arguments: noArguments,
  flags: pruneFlags,
  run: async ({ filter, force }, _args, context) => {
    const { streams } = context;
    if (!(await mayPrune(streams, force, warning))) return 0;
    const client = await context.connect();
    const { NetworksDeleted } = await client.call(routes.networkPrune, { query: { filters: filter } });
    await streams.out.write(deletedText('Networks', NetworksDeleted));
    return 0;
  },
});
