import { atLeast, defineCommand, flag } from '../command.ts';
import { containers, inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Display detailed information on one or more containers',
  examples: [
    { command: "container inspect -f '{{.State.Pid}}' web", explanation: 'Its process on this machine' },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    size: flag.boolean({ short: 's', summary: 'Show how much it has written' }),
  },
  run: async ({ format, size }, names, context) => {
    const client = await context.connect();
    const find = async (name: string) => ({
      raw: await containers.read(client, name, size),
      inspectable: containers,
    });
    await inspectNames(names, format, find, context);
    return 0;
  },
});
