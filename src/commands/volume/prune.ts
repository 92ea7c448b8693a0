import { compareVersions, type Filters, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { addFilter } from '../filter.ts';
import { deletedText, mayPrune, pruneFlags, reclaimedText } from '../prune.ts';

const warnings = {
  unnamed: 'This will remove anonymous local volumes not used by at least one container.',
  all: 'This will remove all local volumes not used by at least one container.',
};

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove unused local volumes',
  description:
    'Removes volumes that no container was made with: those that nobody gave a name, or with --all every one.',
  examples: [{ command: 'volume prune -af', explanation: 'All that are unused, without asking' }],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Remove volumes with a name as well', since: '1.42' }),
    ...pruneFlags,
  },
  run: async ({ all, filter, force }, _args, context) => {
    const { streams } = context;
    if (all && filter.all) {
      throw new CommandError('conflicting options: cannot specify both --all and --filter all=1');
    }
    const client = await context.connect();
    // Engines of before take all of them, whether they are asked to or not.
    const takesAll = all || compareVersions(await client.version(), '1.42') < 0;
    if (!(await mayPrune(streams, force, takesAll ? warnings.all : warnings.unnamed))) return 0;
    const filters: Filters = all ? addFilter(filter, 'all=true') : filter;
    const { VolumesDeleted, SpaceReclaimed } = await client.call(routes.volumePrune, { query: { filters } });
    await streams.out.write(deletedText('Volumes', VolumesDeleted));
    const reclaimed = VolumesDeleted?.length ? SpaceReclaimed : 0;
    await streams.out.line(reclaimedText(reclaimed));
    return 0;
  },
});
