import { routes } from '@davit/api';
import { atLeast, defineCommand, flag } from '../command.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Remove one or more volumes',
  description: 'Removes volumes with all that is in them. One that a container was made with stays.',
  examples: [{ command: 'volume rm data', explanation: 'Remove a volume that no container uses' }],
  arguments: atLeast(1),
  flags: { force: flag.boolean({ short: 'f', summary: 'Do not mind volumes that are not there' }) },
  run: async ({ force }, names, context) => {
    const client = await context.connect();
    const remove = (name: string) => client.call(routes.volumeRemove, { path: { name }, query: { force } });
    await forEachName(names, remove, { out: context.streams.out, oneByOne: true });
    return 0;
  },
});
