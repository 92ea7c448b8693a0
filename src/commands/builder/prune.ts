import { compareVersions, routes } from '@davit/api';
import { confirm } from '../../terminal/prompt.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { deletedText, pruneFlags, reclaimedText } from '../prune.ts';

const warnings = {
  dangling: 'WARNING! This will remove all dangling build cache.',
  all: 'WARNING! This will remove all build cache.',
};

export default defineCommand({
  usage: '',
  summary: 'Remove build cache',
  description:
    'Removes what builds have kept for later and no image has: layers of steps, and the folders of cache mounts. ' +
    'With --all also what images have, so that the next build does every step anew. Filters: until=DURATION, ' +
    'id=ID, type=TYPE, description=TEXT, inuse, shared, private.',
  examples: [
    { command: 'builder prune -f --filter until=48h', explanation: 'What was not used for two days' },
    { command: 'builder prune -f --keep-storage 5GB', explanation: 'Down to a size' },
  ],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Remove also what images have' }),
    ...pruneFlags,
    keepStorage: flag.bytes({ summary: 'Leave this much', default: 0 }),
    maxUsedSpace: flag.bytes({ summary: 'Leave no more than this', default: 0, since: '1.48' }),
    minFreeSpace: flag.bytes({
      summary: 'Remove until so much of the disk is free',
      default: 0,
      since: '1.48',
    }),
    reservedSpace: flag.bytes({ summary: 'Leave this much in any case', default: 0, since: '1.48' }),
  },
  run: async (options, _args, context) => {
    const { all, filter, force, keepStorage, reservedSpace, maxUsedSpace, minFreeSpace } = options;
    const { streams } = context;
    const question = `${all ? warnings.all : warnings.dangling} Are you sure you want to continue?`;
    if (!force && !(await confirm(streams, question))) return 0;
    const client = await context.connect();
    const isOlder = compareVersions(await client.version(), '1.48') < 0;
    const bounds = {
      [isOlder ? 'keep-storage' : 'reserved-space']: reservedSpace || keepStorage || null,
      'max-used-space': maxUsedSpace || null,
      'min-free-space': minFreeSpace || null,
    };
    const answer = await client.call(routes.buildPrune, { query: { all, filters: filter, ...bounds } });
    await streams.out.write(deletedText('build cache objects', answer.CachesDeleted));
    await streams.out.line(reclaimedText(answer.SpaceReclaimed));
    return 0;
  },
});
