import { routes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { historyList } from '../../format/lists/history.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { listFormatFlag } from '../list-format.ts';

/** The template behind a `--format`, where `table` alone stands for docker's own. */
export function historyTemplate(format: string, quiet: boolean, human: boolean): string {
  if (format !== '' && format !== 'table') return format;
  if (quiet) return '{{.ID}}';
  const created = human ? '{{.CreatedSince}}' : '{{.CreatedAt}}';
  return `table {{.ID}}\t${created}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`;
}

export default defineCommand({
  usage: '[OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  description:
    'Shows the steps by which an image was made, the last one first, and what each added to its size. --format ' +
    'takes a Go template with the fields ID, CreatedSince, CreatedAt, CreatedBy, Size and Comment.',
  examples: [
    { command: 'history app:1', explanation: 'The steps that it came from, and what each takes' },
    { command: 'history --no-trunc app:1', explanation: 'With commands in full' },
  ],
  arguments: exactly(1),
  flags: {
    format: listFormatFlag,
    human: flag.boolean({ short: 'H', summary: 'Print sizes and dates for people', default: true }),
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    platform: flag.string({ summary: 'The image for this platform', since: '1.48', default: '' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: async ({ format, human, noTrunc, platform, quiet }, [name = ''], context) => {
    const client = await context.connect();
    const steps = await client.call(routes.imageHistory, { path: { name }, query: { platform } });
    const columns = historyList({ whole: noTrunc, human, now: new Date() });
    const { out } = context.streams;
    await out.write(await formatList(columns, steps, historyTemplate(format, quiet, human), out));
    return 0;
  },
});
