import { readFileSync, statSync } from 'node:fs';
import { routes } from '@davit/api';
import { didYouMean, nearNames } from './commands/near.ts';
import type { CommandContext } from './context.ts';
import { CommandError, describeError } from './exit.ts';
import type { Client } from './http/client.ts';

/** Milliseconds that an engine has to answer what only makes a hint better. */
const patience = 1_000;

/**
 * What may help a person who got an error: names that are near, who holds a port, how to be let in. Empty when there
 * is nothing to say. Never throws.
 */
export async function hintFor(error: unknown, context: CommandContext | undefined): Promise<string> {
  if (error instanceof CommandError) {
    if (error.detail !== '') return error.detail;
    if (error.unknown) return didYouMean(nearNames(error.unknown.typed, error.unknown.known));
  }
  if (!context) return '';
  const text = describeError(error);
  try {
    return wayIn(text, context) || (await askEngine(text, context));
  } catch {
    return '';
  }
}

/** Kinds of objects, by the words in which engines say that there is none of a name. */
const missing: [pattern: RegExp, names: (client: Client) => Promise<string[]>][] = [
  [/No such container: (\S+)/, containerNames],
  [/No such image: (\S+)/, imageNames],
  [
    /No such object: (\S+)/,
    async (client) => [...(await containerNames(client)), ...(await imageNames(client))],
  ],
];

const takenPort = /Bind for \S*:(\d+) failed: port is already allocated/;

async function askEngine(text: string, context: CommandContext): Promise<string> {
  const known = missing.find(([pattern]) => pattern.test(text));
  const port = takenPort.exec(text)?.[1];
  if (!known && port === undefined) return '';
  const client = await context.connect();
  const asked = known
    ? nearObjects(known[0].exec(text)?.[1] ?? '', known[1], client)
    : holderOf(Number(port), client);
  return Promise.race([asked, new Promise<string>((resolve) => setTimeout(resolve, patience, '').unref())]);
}

async function nearObjects(
  typed: string,
  names: (client: Client) => Promise<string[]>,
  client: Client,
): Promise<string> {
  return didYouMean(nearNames(typed.replace(/:latest$/, ''), await names(client)));
}

async function containerNames(client: Client): Promise<string[]> {
  const containers = await client.call(routes.containerList, { query: { all: true } });
  return containers.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, '')));
}

async function imageNames(client: Client): Promise<string[]> {
  const images = await client.call(routes.imageList);
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).map((name) => name.replace(/:latest$/, ''));
}

async function holderOf(port: number, client: Client): Promise<string> {
  const containers = await client.call(routes.containerList);
  const holder = containers.find(({ Ports }) => Ports?.some(({ PublicPort }) => PublicPort === port));
  const name = holder?.Names[0]?.replace(/^\//, '');
  return name ? `Port ${port} is published by the container ${name}.` : '';
}

/** How to be let in by a socket that refused. */
function wayIn(text: string, { endpoint }: CommandContext): string {
  if (!text.startsWith('permission denied while trying to connect')) return '';
  const [, path] = /^unix:\/\/(.+)$/.exec(endpoint.host) ?? [];
  if (!path) return '';
  const { gid } = statSync(path);
  const group =
    gid === 0
      ? ''
      : `, or join the group that may (sudo usermod -aG ${groupName(gid)} $USER, then log in anew)`;
  return `Only root and the group of ${path} may use this engine: try again with sudo${group}.`;
}

function groupName(gid: number): string {
  const lines = readFileSync('/etc/group', 'utf8').split('\n');
  return lines.find((line) => line.split(':')[2] === String(gid))?.split(':')[0] ?? String(gid);
}
