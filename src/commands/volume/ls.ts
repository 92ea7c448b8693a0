import { routes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { volumeList } from '../../format/lists/volume.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const clusterTable = 'table {{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}';

const usual = {
  table: 'table {{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  raw: { whole: 'name: {{.Name}}\ndriver: {{.Driver}}\n', quiet: 'name: {{.Name}}' },
};

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List volumes',
  description:
    'Lists the volumes of the engine. --format takes a Go template with the fields Name, Driver, Scope, ' +
    'Mountpoint, Labels, Label "name", Links, Size, Group, Availability and Status.',
  examples: [
    { command: 'volume ls --filter dangling=true', explanation: 'Those that no container uses' },
    { command: 'volume ls -q', explanation: 'Names alone' },
  ],
  arguments: noArguments,
  flags: {
    cluster: flag.boolean({ summary: 'Show only what a Swarm manages, with what it knows', since: '1.42' }),
    filter: filterFlag({
      summary: 'Show only what fits a condition, such as dangling=true (any number of times)',
    }),
    format: listFormatFlag,
    quiet: flag.boolean({ short: 'q', summary: 'Print names only' }),
  },
  run: async ({ cluster, filter, format, quiet }, _args, context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const { Volumes } = await client.call(routes.volumeList, { query: { filters: filter } });
    const shown = (Volumes ?? [])
      .filter(({ ClusterVolume }) => !cluster || ClusterVolume)
      .sort((one, other) => compareNaturally(one.Name, other.Name));
    const configured = cluster ? clusterTable : context.config.format('volumesFormat');
    const template = listTemplate({ format, quiet }, { ...usual, configured });
    await out.write(await formatList(volumeList, shown, template, out));
    return 0;
  },
});
