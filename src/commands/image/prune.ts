import { type Filters, routes } from '@davit/api';
import { defineCommand, flag, noArguments } from '../command.ts';
import { mayPrune, prunedImages, pruneFlags, reclaimedText } from '../prune.ts';

const warnings = {
  dangling: 'This will remove all dangling images.',
  all: 'This will remove all images without at least one container associated to them.',
};

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
    ...pruneFlags,
  },
  run: async ({ all, filter, force }, _args, context) => {
    const { streams } = context;
    if (!(await mayPrune(streams, force, all ? warnings.all : warnings.dangling))) return 0;
    const client = await context.connect();
    const filters: Filters = { ...filter, dangling: [String(!all)] };
    const { ImagesDeleted, SpaceReclaimed } = await client.call(routes.imagePrune, { query: { filters } });
    await streams.out.write(prunedImages(ImagesDeleted));
    await streams.out.line(reclaimedText(SpaceReclaimed));
    return 0;
  },
});
