import { routes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { diskUsageList, diskUsageRows } from '../../format/lists/disk-usage.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const table = 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Show docker disk usage',
  description:
    'Shows how much room images, containers, volumes and the build cache take, and how much of it could be had ' +
    'back; --verbose shows each of them. --format takes a Go template with the fields Type, TotalCount, Active, ' +
    'Size and Reclaimable, and with --verbose Images, Containers, Volumes and BuildCache.',
  examples: [{ command: 'system df -v', explanation: 'What takes the room' }],
  arguments: noArguments,
  flags: {
    format: listFormatFlag,
    verbose: flag.boolean({ short: 'v', summary: 'Show every image, container and volume' }),
  },
  run: async ({ format, verbose }, _args, context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const usage = await client.call(routes.diskUsage);
    const isPlain = format === '' || format === 'table';
    if (verbose) {
      const { diskUsageText, diskUsageByTemplate } = await import('../../format/disk-usage-text.ts');
      await out.write(isPlain ? await diskUsageText(usage, out) : await diskUsageByTemplate(usage, format));
      return 0;
    }
    await out.write(
      await formatList(diskUsageList, diskUsageRows(usage), listTemplate({ format }, { table }), out),
    );
    return 0;
  },
});
