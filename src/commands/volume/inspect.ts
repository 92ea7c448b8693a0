import { atLeast, defineCommand } from '../command.ts';
import { inspectNames, volumes } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';

export default defineCommand({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Display detailed information on one or more volumes',
  examples: [
    { command: "volume inspect -f '{{.Mountpoint}}' data", explanation: 'Where its files are on the host' },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
  },
  run: async ({ format }, names, context) => {
    const client = await context.connect();
    const find = async (name: string) => ({
      raw: await volumes.read(client, name, false),
      inspectable: volumes,
    });
    await inspectNames(names, format, find, context, { typedOnly: true });
    return 0;
  },
});
