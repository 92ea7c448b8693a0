import { routes } from '@davit/api';
import { humanSize } from '../../format/units.ts';
import { confirm } from '../../terminal/prompt.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';

const question = 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue?';

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
  flags: {
    filter: filterFlag({ short: undefined, summary: 'Remove only what fits a condition, such as until=24h' }),
    force: flag.boolean({ short: 'f', summary: 'Do not ask' }),
  },
  run: async ({ filter, force }, _args, context) => {
    const { streams } = context;
    if (!force && !(await confirm(streams, question))) return 0;
    const client = await context.connect();
    const { ContainersDeleted, SpaceReclaimed } = await client.call(routes.containerPrune, {
      query: { filters: filter },
    });
    const ids = ContainersDeleted ?? [];
    if (ids.length > 0) await streams.out.line(`Deleted Containers:\n${ids.map((id) => `${id}\n`).join('')}`);
    await streams.out.line(`Total reclaimed space: ${humanSize(SpaceReclaimed)}`);
    return 0;
  },
});
