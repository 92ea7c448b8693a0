import { type Filters, routes } from '@davit/api';
import { formatList } from '../format/list.ts';
import { searchList } from '../format/lists/search.ts';
import { defineCommand, exactly, flag } from './command.ts';
import { filterFlag } from './filter.ts';
import { listFormatFlag, listTemplate } from './list-format.ts';
import { registryAuth } from './registry-auth.ts';

const usual = 'table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}';

export default defineCommand({
  usage: '[OPTIONS] TERM',
  summary: 'Search Docker Hub for images',
  description:
    "Looks for repositories in docker's hub, or in the registry that the term begins with. --format takes a Go " +
    'template with the fields Name, Description, StarCount and IsOfficial.',
  examples: [
    { command: 'search --filter is-official=true debian', explanation: 'Official images only' },
    { command: 'search registry.example.com/app', explanation: 'In another registry' },
  ],
  arguments: exactly(1),
  flags: {
    filter: filterFlag({ summary: 'Show only what fits a condition, such as stars=3 (any number of times)' }),
    format: listFormatFlag,
    limit: flag.integer({ summary: 'Show this many at most', default: 0 }),
    noTrunc: flag.boolean({ summary: 'Show long values whole' }),
  },
  run: async ({ filter, format, limit, noTrunc }, [term = ''], context) => {
    const { out } = context.streams;
    const [client, headers] = await Promise.all([context.connect(), registryAuth(term, context)]);
    const filters: Filters = filter;
    const results = await client.call(routes.imageSearch, {
      query: { term, limit: limit === 0 ? undefined : limit, filters },
      headers,
    });
    const template = listTemplate({ format }, { table: usual });
    const isJson = template === 'json' || /\{\{ *json \. *\}\}/.test(template);
    await out.write(await formatList(searchList({ whole: noTrunc, isJson }), results, template, out));
    return 0;
  },
});
