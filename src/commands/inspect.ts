import { routes } from '@davit/api';
import type { CommandContext } from '../context.ts';
import { CommandError } from '../exit.ts';
import { atLeast, defineCommand, flag } from './command.ts';
import { allKinds, type Found, type Inspectable, inspectNames, isMissing } from './inspection.ts';
import { objectFormatFlag } from './list-format.ts';

const kindNames = allKinds.map(({ kind }) => kind).sort();

function checkKind(type: string | undefined): void {
  if (type === undefined || kindNames.includes(type)) return;
  const what = type === '' ? 'type is empty' : `unknown type: ${JSON.stringify(type)}`;
  throw new CommandError(`${what}: must be one of ${kindNames.map((kind) => `"${kind}"`).join(', ')}`);
}

/** Makes the function that finds an object by its name among the kinds that are asked for. */
function createFinder(
  type: string | undefined,
  size: boolean,
  context: CommandContext,
): (name: string) => Promise<Found> {
  let managesSwarm: Promise<boolean> | undefined;

  /** Engines outside a Swarm are not asked for what only a Swarm has. */
  async function isAsked(inspectable: Inspectable): Promise<boolean> {
    if (type !== undefined) return inspectable.kind === type;
    if (!inspectable.swarm) return true;
    managesSwarm ??= context
      .connect()
      .then((client) => client.call(routes.info))
      .then(({ Swarm }) => Swarm?.ControlAvailable ?? false);
    return managesSwarm;
  }

  return async (name) => {
    const client = await context.connect();
    for (const inspectable of allKinds) {
      if (!(await isAsked(inspectable))) continue;
      try {
        const raw = await inspectable.read(client, name, size);
        if (size && inspectable.kind !== 'container') {
          await context.streams.err.line(`WARNING: --size ignored for ${inspectable.kind}`);
        }
        return { raw, inspectable };
      } catch (error) {
        if (type !== undefined || !isMissing(error)) throw error;
      }
    }
    throw new CommandError(`Error: No such object: ${name}`);
  };
}

export default defineCommand({
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'Return low-level information on Docker objects',
  description:
    'Shows all that the engine knows of containers, images, networks, volumes and what else has such a name, ' +
    'as JSON or by a Go template.',
  examples: [
    { command: "inspect -f '{{.State.Status}}' web", explanation: 'One value, for a script' },
    {
      command: "inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' web",
      explanation: 'Its addresses',
    },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    size: flag.boolean({ short: 's', summary: 'Show how much a container has written' }),
    type: flag.string({ summary: 'Look for objects of this kind only', choices: kindNames }),
  },
  run: async ({ format, size, type }, names, context) => {
    checkKind(type);
    await inspectNames(names, format, createFinder(type, size, context), context);
    return 0;
  },
});
