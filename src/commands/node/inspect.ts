import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { asText } from '../../http/raw.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';
import { nodeReference } from './resolve.ts';

export default defineCommand({
  usage: '[OPTIONS] self|NODE [NODE...]',
  summary: 'Display detailed information on one or more nodes',
  examples: [{ command: 'node inspect self --pretty', explanation: 'What a person wants to know of it' }],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    pretty: flag.boolean({ summary: 'Print it for people' }),
  },
  run: ({ format, pretty }, names, context) =>
    withManager(context, async (client) => {
      if (pretty && format !== '')
        throw new CommandError('--format is incompatible with human friendly format');
      if (pretty) {
        const { nodeText } = await import('../../format/node-text.ts');
        for (const name of names) {
          const id = await nodeReference(client, name);
          await context.streams.out.write(
            nodeText(await client.call(swarmRoutes.nodeInspect, { path: { id } })),
          );
        }
        return 0;
      }
      const find = async (name: string) => ({
        raw: await client.call(asText(swarmRoutes.nodeInspect), {
          path: { id: await nodeReference(client, name) },
        }),
        inspectable: { kind: 'node' },
      });
      await inspectNames(names, format, find, context);
      return 0;
    }),
});
