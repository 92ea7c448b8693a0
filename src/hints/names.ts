import { routes, swarmRoutes } from '@davit/api';
import { didYouMean, nearNames } from '../commands/near.ts';
import { stackLabel } from '../commands/stack/convert/stack.ts';
import type { CommandContext } from '../context.ts';
import type { Client } from '../http/client.ts';

/** Names of the objects of one kind. */
type Names = (client: Client) => Promise<string[]>;

const containers: Names = async (client) =>
  (await client.call(routes.containerList, { query: { all: true } })).flatMap(({ Names }) =>
    Names.map((name) => name.replace(/^\//, '')),
  );

const images: Names = async (client) =>
  (await client.call(routes.imageList))
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .map((name) => name.replace(/:latest$/, ''));

const networks: Names = async (client) =>
  (await client.call(routes.networkList)).flatMap(({ Name }) => Name ?? []);

const volumes: Names = async (client) =>
  ((await client.call(routes.volumeList)).Volumes ?? []).map(({ Name }) => Name);

const services: Names = async (client) =>
  (await client.call(swarmRoutes.serviceList)).flatMap(({ Spec }) => Spec.Name ?? []);

const stacks: Names = async (client) =>
  (await client.call(swarmRoutes.serviceList)).flatMap(({ Spec }) => Spec.Labels?.[stackLabel] ?? []);

const nodes: Names = async (client) =>
  (await client.call(swarmRoutes.nodeList)).flatMap(({ Description }) => Description?.Hostname ?? []);

const secrets: Names = async (client) =>
  (await client.call(swarmRoutes.secretList)).flatMap(({ Spec }) => Spec.Name ?? []);

const configs: Names = async (client) =>
  (await client.call(swarmRoutes.configList)).flatMap(({ Spec }) => Spec.Name ?? []);

/** Of all that `inspect` finds by a name. What belongs to a Swarm is left out by engines that are in none. */
const objects: Names = async (client) => {
  const kinds = [containers, images, networks, volumes, services, nodes, secrets, configs];
  const found = await Promise.allSettled(kinds.map((names) => names(client)));
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
};

/** The words in which engines and commands say that there is nothing of a name. */
const missing: readonly [pattern: RegExp, names: Names][] = [
  [/No such container: (\S+)/g, containers],
  [/No such image: (\S+)/g, images],
  [/pull access denied for ([^\s,]+)/g, images],
  [/network (\S+) not found/g, networks],
  [/No such network: (\S+)|network "([^"]+)" is declared as external, but could not be found/g, networks],
  [/get (\S+): no such volume/gi, volumes],
  [/No such volume: (\S+)/g, volumes],
  [/No such (?:task or )?service: (\S+)|service (\S+) not found/gi, services],
  [/Nothing found in stack: (\S+)/gi, stacks],
  [/No such node: (\S+)|node (\S+) not found/gi, nodes],
  [/No such secret: (\S+)|secret (\S+) not found|secret not found: ([^\s,]+)/gi, secrets],
  [/No such config: (\S+)|config (\S+) not found|config not found: ([^\s,]+)/gi, configs],
  [/No such object: (\S+)/g, objects],
];

/** Names that are near those which an error misses, a line for each; empty when it misses none. */
export async function nameHint(text: string, context: CommandContext): Promise<string> {
  const [, unknown] = /context "([^"]+)": context not found/.exec(text) ?? [];
  if (unknown !== undefined) return didYouMean(nearNames(unknown, await contextNames(context)));
  const hints: string[] = [];
  for (const [pattern, names] of missing) {
    const typed = [...text.matchAll(pattern)].map(([, ...names]) =>
      (names.find(Boolean) ?? '').replace(/:latest$/, ''),
    );
    if (typed.length === 0) continue;
    const known = await names(await context.connect());
    hints.push(...typed.map((name) => didYouMean(nearNames(name, known))));
  }
  return [...new Set(hints)].filter(Boolean).join('\n');
}

async function contextNames({ config }: CommandContext): Promise<string[]> {
  const { openContextStore } = await import('../config/context-store.ts');
  return [
    'default',
    ...openContextStore(config.directory)
      .list()
      .map(({ Name }) => Name),
  ];
}
