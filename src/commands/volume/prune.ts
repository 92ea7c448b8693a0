import { compareVersions, type Filters, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { humanSize } from '../../format/units.ts';
import { confirm } from '../../terminal/prompt.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { addFilter, filterFlag } from '../filter.ts';

const warnings = {
  unnamed: 'WARNING! This will remove anonymous local volumes not used by at least one container.',
  all: 'WARNING! This will remove all local volumes not used by at least one container.',
};

/** What was removed, as docker tells it. */
export function prunedVolumes(names: readonly string[]): string {
  return names.length === 0 ? '' : `Deleted Volumes:\n${names.map((name) => `${name}\n`).join('')}\n`;
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove unused local volumes',
  description:
    'Removes volumes that no container was made with: those that nobody gave a name, or with --all every one.',
  examples: [{ command: 'volume prune -af', explanation: 'All that are unused, without asking' }],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Remove volumes with a name as well', since: '1.42' }),
    filter: filterFlag({
      short: undefined,
      summary: 'Remove only what fits a condition, such as label=temporary',
    }),
    force: flag.boolean({ short: 'f', summary: 'Do not ask' }),
  },
  run: async ({ all, filter, force }, _args, context) => {
    const { streams } = context;
    if (all && filter.all) {
      throw new CommandError('conflicting options: cannot specify both --all and --filter all=1');
    }
    const client = await context.connect();
    // Engines of before take all of them, whether they are asked to or not.
    const takesAll = all || compareVersions(await client.version(), '1.42') < 0;
    const question = `${takesAll ? warnings.all : warnings.unnamed}\nAre you sure you want to continue?`;
    if (!force && !(await confirm(streams, question))) return 0;
    const filters: Filters = all ? addFilter(filter, 'all=true') : filter;
    const { VolumesDeleted, SpaceReclaimed } = await client.call(routes.volumePrune, { query: { filters } });
    await streams.out.write(prunedVolumes(VolumesDeleted ?? []));
    const reclaimed = VolumesDeleted?.length ? SpaceReclaimed : 0;
    await streams.out.line(`Total reclaimed space: ${humanSize(reclaimed)}`);
    return 0;
  },
});
