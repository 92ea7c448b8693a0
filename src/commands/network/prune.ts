import { routes } from '@davit/api';
import { confirm } from '../../terminal/prompt.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';

const question =
  'WARNING! This will remove all custom networks not used by at least one container.\n' +
  'Are you sure you want to continue?';

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
  flags: {
    filter: filterFlag({ short: undefined, summary: 'Remove only what fits a condition, such as until=24h' }),
    force: flag.boolean({ short: 'f', summary: 'Do not ask' }),
  },
  run: async ({ filter, force }, _args, context) => {
    const { streams } = context;
    if (!force && !(await confirm(streams, question))) return 0;
    const client = await context.connect();
    const { NetworksDeleted } = await client.call(routes.networkPrune, { query: { filters: filter } });
    const names = NetworksDeleted ?? [];
    if (names.length > 0)
      await streams.out.line(`Deleted Networks:\n${names.map((name) => `${name}\n`).join('')}`);
    return 0;
  },
});
