import { routes } from '@davit/api';
import { didYouMean, nearNames } from '../commands/near.ts';
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

/** Of all that `inspect` finds by a name. */
const objects: Names = async (client) =>
  (await Promise.all([containers, images, networks, volumes].map((names) => names(client)))).flat();

/** The words in which engines say that there is nothing of a name. */
const missing: readonly [pattern: RegExp, names: Names][] = [
  [/No such container: (\S+)/g, containers],
  [/No such image: (\S+)/g, images],
  [/pull access denied for ([^\s,]+)/g, images],
  [/network (\S+) not found/g, networks],
  [/No such network: (\S+)/g, networks],
  [/get (\S+): no such volume/gi, volumes],
  [/No such volume: (\S+)/g, volumes],
  [/No such object: (\S+)/g, objects],
];

/** Names that are near those which an error misses, a line for each; empty when it misses none. */
export async function nameHint(text: string, context: CommandContext): Promise<string> {
  const [, unknown] = /context "([^"]+)": context not found/.exec(text) ?? [];
  if (unknown !== undefined) return didYouMean(nearNames(unknown, await contextNames(context)));
  const hints: string[] = [];
  for (const [pattern, names] of missing) {
    const typed = [...text.matchAll(pattern)].map(([, name = '']) => name.replace(/:latest$/, ''));
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
