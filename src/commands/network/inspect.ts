import { atLeast, defineCommand, flag } from '../command.ts';
import { inspectNames, networks } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';

export default defineCommand({
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  summary: 'Display detailed information on one or more networks',
  examples: [
    {
      command:
        "network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{println}}{{end}}' backend",
      explanation: 'The containers that are in it',
    },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    verbose: flag.boolean({ short: 'v', summary: 'Show what only the networks of a Swarm have' }),
  },
  run: async ({ format, verbose }, names, context) => {
    const client = await context.connect();
    const find = async (name: string) => ({
      raw: await networks.read(client, name, verbose),
      inspectable: networks,
    });
    await inspectNames(names, format, find, context);
    return 0;
  },
});
