import { ApiError, type Filters, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { deletedText, mayPrune, prunedImages, pruneFlags, reclaimedText } from '../prune.ts';

interface Options {
  all: boolean;
  filter: Filters;
  volumes: boolean;
}

/** One kind of things: what is said before it is removed, and its removal. */
interface Kind {
  warning: string;
  prune(client: Client): Promise<{ text: string; reclaimed: number }>;
}

/** All kinds that are to be pruned, in docker's order. */
function kindsOf({ all, filter, volumes }: Options): Kind[] {
  const query = { filters: filter };
  const ofVolumes: Kind = {
    warning: 'all anonymous volumes not used by at least one container',
    async prune(client) {
      const { VolumesDeleted, SpaceReclaimed } = await client.call(routes.volumePrune, { query });
      return { text: deletedText('Volumes', VolumesDeleted), reclaimed: SpaceReclaimed };
    },
  };
  return [
    {
      warning: 'all stopped containers',
      async prune(client) {
        const { ContainersDeleted, SpaceReclaimed } = await client.call(routes.containerPrune, { query });
        return { text: deletedText('Containers', ContainersDeleted), reclaimed: SpaceReclaimed };
      },
    },
    {
      warning: 'all networks not used by at least one container',
      async prune(client) {
        const { NetworksDeleted } = await client.call(routes.networkPrune, { query });
        return { text: deletedText('Networks', NetworksDeleted), reclaimed: 0 };
      },
    },
    ...(volumes ? [ofVolumes] : []),
    {
      warning: all ? 'all images without at least one container associated to them' : 'all dangling images',
      async prune(client) {
        const filters = { ...filter, dangling: [String(!all)] };
        const { ImagesDeleted, SpaceReclaimed } = await client.call(routes.imagePrune, {
          query: { filters },
        });
        return { text: prunedImages(ImagesDeleted), reclaimed: SpaceReclaimed };
      },
    },
    {
      warning: all ? 'all build cache' : 'unused build cache',
      async prune(client) {
        try {
          const answer = await client.call(routes.buildPrune, { query: { all, filters: filter } });
          const text = deletedText('build cache objects', answer.CachesDeleted);
          return { text, reclaimed: answer.SpaceReclaimed };
        } catch (error) {
          // An engine that keeps none.
          if (error instanceof ApiError && error.status === 404) return { text: '', reclaimed: 0 };
          throw error;
        }
      },
    },
  ];
}

function warningOf(kinds: readonly Kind[], filter: Filters): string {
  const warnings = kinds.map(({ warning }) => `\n  - ${warning}`).join('');
  const filters = Object.entries(filter).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  );
  const filtered = filters.sort().map((one) => `\n  - ${one}`);
  const note =
    filtered.length === 0 ? '' : `\n  Items to be pruned will be filtered with:${filtered.join('')}\n`;
  return `This will remove:${warnings}\n${note}`;
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Remove unused data',
  description:
    'Removes stopped containers, networks that nobody is in, images without a name and the build cache; with ' +
    '--volumes also volumes without a name, with --all every image that no container is made from.',
  examples: [
    { command: 'system prune -f', explanation: 'Without asking' },
    { command: 'system prune -a --volumes', explanation: 'All that no container needs' },
  ],
  arguments: noArguments,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Remove all unused images, not only those without a name' }),
    ...pruneFlags,
    volumes: flag.boolean({ summary: 'Remove volumes without a name as well' }),
  },
  run: async ({ force, ...options }, _args, context) => {
    const { streams } = context;
    if (options.volumes && options.filter.until) {
      throw new CommandError('ERROR: The "until" filter is not supported with "--volumes"');
    }
    const kinds = kindsOf(options);
    if (!(await mayPrune(streams, force, warningOf(kinds, options.filter)))) return 0;
    const client = await context.connect();
    let total = 0;
    for (const { prune } of kinds) {
      const { text, reclaimed } = await prune(client);
      await streams.out.write(text);
      total += reclaimed;
    }
    await streams.out.line(reclaimedText(total));
    return 0;
  },
});
