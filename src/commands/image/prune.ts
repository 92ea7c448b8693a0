import { type Filters, type ImageDeleteItem, routes } from '@davit/api';
import { humanSize } from '../../format/units.ts';
import { confirm } from '../../terminal/prompt.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';

const warnings = {
  dangling: 'WARNING! This will remove all dangling images.',
  all: 'WARNING! This will remove all images without at least one container associated to them.',
};

/** What was removed, as docker tells it. */
export function prunedImages(items: readonly ImageDeleteItem[]): string {
  if (items.length === 0) return '';
  const lines = items.map(({ Untagged, Deleted }) =>
    Untagged ? `untagged: ${Untagged}\n` : `deleted: ${Deleted}\n`,
  );
  return `Deleted Images:\n${lines.join('')}\n`;
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove unused images',
  description:
    'Removes images that have no name, or with --all every image that no container is made from, and their layers.',
  examples: [
    { command: 'image prune -f', explanation: 'Images without a name, without asking' },
    {
      command: 'image prune -a --filter until=240h',
      explanation: 'All unused ones that are older than ten days',
    },
  ],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Remove all unused images, not only those without a name' }),
    filter: filterFlag({ short: undefined, summary: 'Remove only what fits a condition, such as until=24h' }),
    force: flag.boolean({ short: 'f', summary: 'Do not ask' }),
  },
  run: async ({ all, filter, force }, _args, context) => {
    const { streams } = context;
    const question = `${all ? warnings.all : warnings.dangling}\nAre you sure you want to continue?`;
    if (!force && !(await confirm(streams, question))) return 0;
    const client = await context.connect();
    const filters: Filters = { ...filter, dangling: [String(!all)] };
    const { ImagesDeleted, SpaceReclaimed } = await client.call(routes.imagePrune, { query: { filters } });
    await streams.out.write(prunedImages(ImagesDeleted ?? []));
    await streams.out.line(`Total reclaimed space: ${humanSize(SpaceReclaimed)}`);
    return 0;
  },
});
