import { buildRoutes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { buildList } from '../../format/lists/build.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { askOfBuilds } from './builds.ts';

const table =
  'table {{.ID}}\t{{.Name}}\t{{.Status}}\t{{.CreatedSince}}\t{{.Duration}}\t{{.Steps}}\t{{.Cached}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List the builds that were',
  description:
    'Lists the builds that the engine remembers, the latest first. --format takes a Go template with the fields ID, ' +
    'Name, Status, CreatedAt, CreatedSince, Duration, Steps, Cached, Image and Error.',
  examples: [
    { command: 'builder history', explanation: 'What was built, and how long it took' },
    { command: "builder history --format '{{.ID}} {{.Error}}'", explanation: 'What went wrong' },
  ],
  arguments: noArguments,
  flags: {
    format: listFormatFlag,
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
  },
  run: async ({ format, noTrunc, quiet }, _args, context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const builds = await askOfBuilds(() => client.call(buildRoutes.buildHistory));
    const list = buildList({ whole: noTrunc, now: new Date() });
    await out.write(await formatList(list, builds, listTemplate({ format, quiet }, { table }), out));
    return 0;
  },
});
