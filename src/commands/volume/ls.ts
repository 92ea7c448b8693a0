import { routes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { volumeList } from '../../format/lists/volume.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { filterFlag } from '../filter.ts';

const clusterTable = 'table {{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}';

/** The template behind a `--format`, where `table` and `raw` alone stand for docker's own. */
function templateFor(format: string, quiet: boolean): string {
  switch (format) {
    case '':
    case 'table':
      return quiet ? '{{.Name}}' : 'table {{.Driver}}\t{{.Name}}';
    case 'raw':
      return quiet ? 'name: {{.Name}}' : 'name: {{.Name}}\ndriver: {{.Driver}}\n';
    default:
      return format;
  }
}

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
    format: flag.string({
      summary: 'Print in this way: table, table TEMPLATE, json, or TEMPLATE',
      default: '',
    }),
    quiet: flag.boolean({ short: 'q', summary: 'Print names only' }),
  },
  run: async ({ cluster, filter, format, quiet }, _args, context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const { Volumes } = await client.call(routes.volumeList, { query: { filters: filter } });
    const shown = (Volumes ?? [])
      .filter(({ ClusterVolume }) => !cluster || ClusterVolume)
      .sort((one, other) => compareNaturally(one.Name, other.Name));
    const own = format || (quiet || cluster ? '' : context.config.format('volumesFormat'));
    const template = cluster && own === '' && !quiet ? clusterTable : templateFor(own, quiet);
    await out.write(await formatList(volumeList, shown, template, out));
    return 0;
  },
});
