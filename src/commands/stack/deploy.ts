import { routes, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { waitForServices } from '../service/converge.ts';
import { withManager } from '../swarm/manager.ts';
import type { ComposeFile } from './compose/types.ts';
import { checkStackName, type Stack } from './convert/stack.ts';
import {
  deployFiles,
  deployNetworks,
  deployServices,
  pruneServices,
  type ResolveImage,
} from './deploy-parts.ts';
import { composeFileFlag, readCompose } from './files.ts';
import { tellIgnored } from './ignored.ts';

function checkResolve(text: string): ResolveImage {
  if (text === 'always' || text === 'changed' || text === 'never') return text;
  throw new CommandError(`Invalid option ${text} for flag --resolve-image`);
}

/** Fails when no manager is asked: nothing is begun then. */
async function checkManager(client: Client, { program }: CommandContext): Promise<void> {
  const { Swarm } = await client.call(routes.info);
  if (Swarm?.ControlAvailable) return;
  // What the engine says to a question about a Swarm tells whether it could be in one.
  const cause: unknown = await client.call(swarmRoutes.serviceList).catch((error: unknown) => error);
  throw new CommandError(
    `this node is not a swarm manager. Use "${program} swarm init" or "${program} swarm join" to connect this node to swarm and try again`,
    1,
    { cause },
  );
}

export default defineCommand({
  usage: '[OPTIONS] STACK',
  summary: 'Deploy a new stack or update an existing stack',
  description:
    'Brings the services of compose files out on a Swarm, with the networks, secrets, configs and volumes that they ' +
    'name. What is there already is changed to what the files say.',
  examples: [
    { command: 'stack deploy -c compose.yml shop', explanation: 'Bring a stack out, or a new version of it' },
    {
      command: 'stack deploy -c compose.yml --prune -d=false shop',
      explanation: 'Remove what is gone, and wait',
    },
  ],
  arguments: exactly(1),
  flags: {
    composeFile: composeFileFlag,
    detach: flag.tristate({ short: 'd', summary: 'Do not wait until the tasks run (true)' }),
    prune: flag.boolean({ summary: 'Remove services that the files do not have any more', since: '1.27' }),
    quiet: flag.boolean({ short: 'q', summary: 'Show no progress' }),
    resolveImage: flag.string({
      summary: 'Ask the registry for digests and platforms of images: always, changed or never',
      choices: ['always', 'changed', 'never'],
      default: 'always',
      since: '1.30',
    }),
    withRegistryAuth: flag.boolean({ summary: 'Send the logins of the registries to the nodes' }),
  },
  run: async (
    { composeFile, detach, prune, quiet, resolveImage, withRegistryAuth },
    [name = ''],
    context,
  ) => {
    const { err } = context.streams;
    checkStackName(name);
    const file = await readCompose(composeFile, context);
    await tellIgnored(file, err);
    const resolve = checkResolve(resolveImage);
    return withManager(context, async (client) => {
      await checkManager(client, context);
      if (detach === undefined) {
        await err.line('Since --detach=false was not specified, tasks will be created in the background.');
        await err.line('In a future release, --detach=false will become the default.');
      }
      const stack: Stack = { name, file: file as ComposeFile };
      const deployment = { stack, client, context };
      if (prune) await pruneServices(deployment);
      await deployNetworks(deployment);
      await deployFiles(deployment);
      const ids = await deployServices(deployment, { resolve, withRegistryAuth });
      if (detach !== false) return 0;
      const problems = await waitForServices(client, ids, { quiet }, context);
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
      return 0;
    });
  },
});
