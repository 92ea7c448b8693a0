import { writeFile } from 'node:fs/promises';
import type { EndpointSettings, HostConfig } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { parseNetworkMode } from '../networks/mode.ts';
import { type ContainerLink, type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { filesIn, hostsFile } from './files.ts';

/** The network that links of this old kind are about. */
const linked = 'bridge';

type Store = Pick<Context['store'], 'get'>;

/** Whether a container is in the default network, the only one that knows such links. */
function isInDefault({ NetworkMode }: HostConfig): boolean {
  return parseNetworkMode(NetworkMode).kind === 'bridge';
}

/** Whether links are of this kind: in a network that someone created they are names, which the network gives. */
export function areOwnLinks({ NetworkMode }: HostConfig): boolean {
  return parseNetworkMode(NetworkMode).kind !== 'network';
}

/** Reads `NAME[:ALIAS]`, or `/name:/parent/alias` as inspect shows it. Throws in docker's words. */
export function parseLink(text: string): { target: string; alias: string } {
  const [target = '', alias = target, ...more] = text.split(':');
  const bad = (reason: string) => new EngineError('badParameter', reason);
  if (text === '') throw bad('empty string specified for links');
  if (more.length > 0 || target === '' || alias === '') throw bad(`bad format for links: ${text}`);
  const last = alias.slice(alias.lastIndexOf('/') + 1);
  // It becomes part of a line of /etc/hosts and of names of variables.
  if (last === '' || /[\s\p{Cc}#=]/u.test(last)) throw bad(`bad format for links: ${JSON.stringify(text)}`);
  return { target: target.replace(/^\//, ''), alias: last };
}

/**
 * The links that `--link` asks for in the default network: the containers are found now, and known by their IDs from
 * then on. Of two with one alias the first counts, as in docker. Throws in its words.
 */
export function resolveLinks(context: Context, hostConfig: HostConfig): ContainerLink[] {
  if (!areOwnLinks(hostConfig)) return [];
  const links = new Map<string, ContainerLink>();
  for (const text of hostConfig.Links ?? []) {
    const { target, alias } = parseLink(text);
    const { id, name } = findTarget(context, target);
    if (!links.has(alias)) links.set(alias, { alias, id, name });
  }
  return [...links.values()];
}

/** The container that answers under a name: the one whose network that container is in. */
function findTarget({ store }: Context, name: string): ContainerRecord {
  try {
    let found = store.find(name);
    while (found.hostConfig.NetworkMode.startsWith('container:'))
      found = store.find(found.hostConfig.NetworkMode.slice('container:'.length));
    return found;
  } catch (error) {
    // To clients, "not found" would mean the image.
    const message = `could not get container for ${name}: ${messageOf(error)}`;
    throw new EngineError('badParameter', message, { cause: error });
  }
}

const nameOf = (store: Store, { id, name }: ContainerLink) => store.get(id)?.name ?? name;

/** The links of a container as inspect shows them, under the names that all have now; null for none. */
export function presentLinks(store: Store, { name, links = [] }: ContainerRecord): string[] | null {
  const all = links.map((link) => `/${nameOf(store, link)}:/${name}/${link.alias}`);
  return all.length > 0 ? all : null;
}

/** The names that others know a container by, as in `/web/db`. */
export function linkNames(all: readonly ContainerRecord[], id: string): string[] {
  return all.flatMap(({ name, links = [] }) =>
    links.filter((link) => link.id === id).map(({ alias }) => `/${name}/${alias}`),
  );
}

/** Somebody that a container is linked to, and where it is in the default network. */
interface Neighbour extends ContainerLink {
  record: ContainerRecord;
  place: EndpointSettings;
}

/** Throws when what a container is linked to does not run, or is not in the default network. */
function neighbourOf(context: Context, name: string, link: ContainerLink): Neighbour {
  const record = context.store.get(link.id);
  if (!record || !isRunning(record) || record.state.status === 'restarting') {
    const as = `/${name}/${link.alias}`;
    throw new EngineError(
      'internal',
      `Cannot link to a non running container: /${nameOf(context.store, link)} AS ${as}`,
    );
  }
  const place = context.networks.describe(link.id)?.networks[linked];
  if (place) return { ...link, record, place };
  throw new EngineError(
    'internal',
    `Cannot link to /${record.name}, as it does not belong to the default network`,
  );
}

/** The links that count: those of a container in the default network. */
const linksOf = ({ hostConfig, links = [] }: ContainerRecord) => (isInDefault(hostConfig) ? links : []);

/** What a container that is being started learns of those it is linked to: lines for its hosts, and variables. */
export interface LinkKnowledge {
  hosts: [address: string, names: string][];
  environment: string[];
}

function knowledgeFrom(name: string, neighbours: readonly Neighbour[]): LinkKnowledge {
  return {
    hosts: neighbours.flatMap(hostLines),
    environment: neighbours.flatMap((one) => linkVariables(name, one)),
  };
}

/** Collects that. Throws when one of them does not run. */
export function knowledgeOf(context: Context, record: ContainerRecord): LinkKnowledge {
  const { name } = record;
  return knowledgeFrom(
    name,
    linksOf(record).map((link) => neighbourOf(context, name, link)),
  );
}

/** The same of a container that runs, as far as those it is linked to run too. */
export function presentKnowledge(context: Context, record: ContainerRecord): LinkKnowledge {
  const { name } = record;
  const present = linksOf(record).flatMap((link) => {
    try {
      return [neighbourOf(context, name, link)];
    } catch {
      return [];
    }
  });
  return knowledgeFrom(name, present);
}

function hostLines({ alias, record, place }: Neighbour): [string, string][] {
  const names = [...new Set([alias, record.config.Hostname, record.name])].join(' ');
  const addresses = [place.IPAddress, place.GlobalIPv6Address].filter((address) => address !== '');
  return addresses.map((address) => [address, names]);
}

interface Port {
  number: number;
  protocol: string;
}

/** The variables that tell of a neighbour: its name, its address, each port that it exposes, and its own variables. */
function linkVariables(parent: string, { alias, record, place }: Neighbour): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_');
  const address = place.IPAddress;
  const { ExposedPorts, Env } = record.config;
  const ports = Object.keys(ExposedPorts ?? {})
    .map((text): Port => {
      const [number, protocol = 'tcp'] = text.split('/');
      return { number: Number(number), protocol };
    })
    .toSorted((a, b) => a.number - b.number || Number(b.protocol === 'tcp') - Number(a.protocol === 'tcp'));
  const [first] = ports;
  const url = ({ number, protocol }: Port) => `${protocol}://${address}:${number}`;
  const stem = ({ number, protocol }: Port) => `${prefix}_PORT_${number}_${protocol.toUpperCase()}`;
  return [
    ...(first ? [`${prefix}_PORT=${url(first)}`] : []),
    ...runsOf(ports).flatMap(([from, to]) => [
      `${stem(from)}_START=${url(from)}`,
      `${stem(from)}_ADDR=${address}`,
      `${stem(from)}_PROTO=${from.protocol}`,
      `${stem(from)}_PORT_START=${from.number}`,
      `${stem(from)}_END=${url(to)}`,
      `${stem(from)}_PORT_END=${to.number}`,
    ]),
    ...ports.flatMap((port) => [
      `${stem(port)}=${url(port)}`,
      `${stem(port)}_ADDR=${address}`,
      `${stem(port)}_PORT=${port.number}`,
      `${stem(port)}_PROTO=${port.protocol}`,
    ]),
    `${prefix}_NAME=/${parent}/${alias}`,
    ...(Env ?? [])
      .filter((variable) => variable.includes('=') && !/^(HOME|PATH)=/.test(variable))
      .map((variable) => `${prefix}_ENV_${variable}`),
  ];
}

/** First and last of each run of three ports or more that follow each other. */
function runsOf(ports: readonly Port[]): [Port, Port][] {
  const runs: Port[][] = [];
  for (const port of ports) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && port.number <= last.number + 1) run.push(port);
    else runs.push([port]);
  }
  return runs.flatMap((run) => {
    const [from, to] = [run.at(0), run.at(-1)];
    return from && to && run.length > 2 ? [[from, to] as [Port, Port]] : [];
  });
}

/** Tells the containers that are linked to one that has just been started where it is now. */
export async function tellLinked(context: Context, id: string): Promise<void> {
  const parents = context.store
    .all()
    .filter((record) => isRunning(record) && record.links?.some((link) => link.id === id));
  await Promise.all(parents.map((parent) => rewriteHosts(context, parent)));
}

async function rewriteHosts(context: Context, record: ContainerRecord): Promise<void> {
  const sandbox = context.networks.describe(record.id);
  if (!sandbox || !isInDefault(record.hostConfig)) return;
  const { hosts } = presentKnowledge(context, record);
  const text = hostsFile(record.config, record.hostConfig, sandbox, hosts);
  try {
    // The container has this very file mounted.
    await writeFile(filesIn(context.folder(record.id)).hosts, text);
  } catch (error) {
    log.warn('cannot tell a container of its link', { container: record.name, error: messageOf(error) });
  }
}

/** Takes the link of a name such as `web/db` away. Throws in docker's words. */
export async function removeLink(context: Context, name: string): Promise<void> {
  const { store, locks } = context;
  const path = name.replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash < 0) {
    store.find(path);
    throw new EngineError('conflict', 'Conflict, cannot remove the default link name of the container');
  }
  const missing = new EngineError('notFound', `No such container: ${name}`);
  const alias = path.slice(slash + 1);
  const parent = store.all().find((record) => record.name === path.slice(0, slash));
  if (!parent) throw missing;
  await locks.run(parent.id, async () => {
    const { links = [] } = store.find(parent.id);
    const left = links.filter((link) => link.alias !== alias);
    if (left.length === links.length) throw missing;
    const changed = store.setLinks(parent.id, left);
    if (isRunning(changed)) await rewriteHosts(context, changed);
  });
}
