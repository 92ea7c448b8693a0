import { routes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { cacheRecordList, cacheTotals } from '../../format/lists/cache-record.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { listFormatFlag } from '../list-format.ts';

const table = 'table {{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastAccessed}}';
const verboseTable =
  'table {{.ID}}\t{{.Type}}\t{{.Reclaimable}}\t{{.Shared}}\t{{.Size}}\t{{.UsageCount}}\t{{.CreatedSince}}\t{{.LastAccessed}}\t{{.Description}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Show what the build cache takes',
  description:
    'Shows what builds have kept for later: the layers of steps and the folders of cache mounts, the largest ' +
    'first. --format takes a Go template with the fields ID, Type, Reclaimable, Shared, InUse, Size, UsageCount, ' +
    'CreatedAt, CreatedSince, LastAccessed and Description.',
  examples: [{ command: 'builder du --verbose', explanation: 'With the instructions that made it' }],
  arguments: noArguments,
  flags: {
    format: listFormatFlag,
    verbose: flag.boolean({ summary: 'Show where it comes from' }),
  },
  run: async ({ format, verbose }, _args, context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const { BuildCache } = await client.call(routes.diskUsage, { query: { type: ['build-cache'] } });
    const records = [...(BuildCache ?? [])].sort((a, b) => b.Size - a.Size);
    const list = cacheRecordList({ whole: verbose, now: new Date() });
    const isPlain = format === '' || format === 'table';
    const template = isPlain ? (verbose ? verboseTable : table) : format;
    await out.write(await formatList(list, records, template, out));
    if (isPlain) await out.write(cacheTotals(records));
    return 0;
  },
});
