import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Duplex, pipeline } from 'node:stream';
import type { buildInputsBody, Decoded } from '@davit/api';
import { EngineError } from '../errors.ts';
import { parseReference } from '../images/reference.ts';
import type { ImageService } from '../images/service.ts';
import { roomBelow } from '../storage/room.ts';
import type { BuildInputs } from './build.ts';
import { type BuildContext, receiveContext } from './contextspool.ts';
import type { KnownContext } from './known/contexts.ts';
import type { CacheTarget } from './remotecache/places.ts';

/** What clients give to builds besides the request: it is there as long as the client stays connected. */
export interface InputsRegistry {
  /** Takes what a client gives, until `signal` is aborted. Returns how the request to build names it. */
  open(given: Decoded<typeof buildInputsBody>, signal: AbortSignal): Promise<string>;
  /** Takes in a context that was announced, or of one that is known what is missing. */
  receive(
    which: { id: string; name: string },
    archive: AsyncIterable<Buffer>,
    known: KnownContext | null,
  ): Promise<void>;
  /** Takes a connection that leads to an agent of the client; it serves one who asks for it. */
  connectAgent(id: string, name: string): { take(connection: Duplex): void };
  /** A cache that a build has made for the client, as an OCI image layout. Throws `notFound`. */
  cache(id: string, name: string): AsyncIterable<Buffer>;
  /** What belongs to a request to build; `''` names nothing. Throws `notFound`. */
  find(id: string): BuildInputs;
}

export const noInputs = (): BuildInputs => ({
  secrets: new Map(),
  agents: new Map(),
  contexts: new Map(),
  allowed: new Set(),
  noCacheStages: [],
  ...{ cacheFrom: [], cacheTo: [], caches: new Map(), packs: [], held: () => undefined },
});

interface Agent {
  server: Server;
  /** Connections that nobody uses yet. */
  idle: Duplex[];
  /** Those who wait for one. */
  waiting: Socket[];
}

interface Given {
  inputs: BuildInputs;
  folder: string;
  agents: Map<string, Agent>;
  /** Contexts that were announced and are not here yet, and those of them that are on their way. */
  awaited: Set<string>;
  /** Those that are caches. */
  caches: Set<string>;
  /** Lets the layers go that are kept for the client. */
  release(): Promise<void>;
  arriving: Set<string>;
}

const largestSecret = 500 * 1024;
/** Connections to one agent that may lie idle. */
const mostIdle = 8;
/** Connections to one agent that processes of builds may have at once. */
const mostAsking = 64;

export interface InputsDependencies {
  /** Keeps contexts. */
  dataRoot: string;
  /** Keeps the sockets of agents. */
  execRoot: string;
  images: Pick<ImageService, 'holdLayers' | 'detached'>;
}

export function createInputs({ dataRoot, execRoot, images }: InputsDependencies): InputsRegistry {
  const work = join(dataRoot, 'build', 'work');
  const all = new Map<string, Given>();
  const find = (id: string): Given => {
    const given = all.get(id);
    if (!given) throw new EngineError('notFound', `No such build inputs: ${id}`);
    return given;
  };

  const close = async (id: string): Promise<void> => {
    const given = all.get(id);
    all.delete(id);
    if (!given) return;
    for (const { server, idle, waiting } of given.agents.values()) {
      server.close();
      for (const one of [...idle, ...waiting]) one.destroy();
    }
    for (const content of given.inputs.secrets.values()) content.fill(0);
    for (const one of given.inputs.contexts.values()) if ('context' in one) await one.context.close();
    for (const one of given.inputs.cacheFrom) if ('layout' in one) await one.layout.close();
    await given.release();
    await rm(given.folder, { recursive: true, force: true });
    await rm(join(execRoot, 'agents', id), { recursive: true, force: true });
  };

  const listen = async (id: string, number: number): Promise<{ agent: Agent; path: string }> => {
    const folder = join(execRoot, 'agents', id);
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const path = join(folder, String(number));
    const agent: Agent = { idle: [], waiting: [], server: createServer({ allowHalfOpen: true }) };
    agent.server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      const connection = agent.idle.shift();
      if (connection) return connect(socket, connection);
      agent.waiting.push(socket);
      socket.once('close', () => forget(agent.waiting, socket));
    });
    // A RUN must not use up the engine's descriptors.
    agent.server.maxConnections = mostAsking;
    await new Promise<void>((resolve, reject) => {
      agent.server.once('error', reject).listen(path, resolve);
    });
    // Whoever RUN runs as may ask the agent that this RUN was given.
    chmodSync(path, 0o666);
    return { agent, path };
  };

  return {
    async open(given, signal) {
      const id = randomBytes(16).toString('hex');
      const inputs = noInputs();
      for (const [name, text] of Object.entries(given.Secrets ?? {})) {
        const content = Buffer.from(text, 'base64');
        if (content.length > largestSecret)
          throw new EngineError('badParameter', `secret ${name} is larger than ${largestSecret} bytes`);
        inputs.secrets.set(name, content);
      }
      for (const [name, text] of Object.entries(given.Images ?? {})) {
        const [, image = ''] = /^docker-image:\/\/(.+)$/.exec(text) ?? [];
        if (image === '') throw new EngineError('badParameter', `${name}: ${text} is no docker-image://NAME`);
        inputs.contexts.set(name, { image });
      }
      for (const one of given.Allowed ?? []) inputs.allowed.add(one);
      inputs.noCacheStages = (given.NoCacheStages ?? []).map((name) => name.toLowerCase());
      const { held, done } = images.holdLayers();
      inputs.held = held;
      const caches = new Set<string>();
      for (const source of given.CacheFrom ?? []) {
        if (source.Type === 'local') caches.add(source.Ref);
        else if (source.Type === 'registry') inputs.cacheFrom.push({ registry: source.Ref });
        else throw new EngineError('badParameter', `steps cannot be taken from type ${source.Type}`);
      }
      inputs.cacheTo = (given.CacheTo ?? []).map(targetOf);
      const folder = join(work, `inputs-${id}`);
      const awaited = new Set([...(given.Contexts ?? []), ...caches]);
      const entry: Given = {
        ...{ inputs, folder, agents: new Map(), awaited, caches, arriving: new Set(), release: done },
      };
      all.set(id, entry);
      try {
        await mkdir(folder, { mode: 0o700 });
        for (const [number, name] of (given.Agents ?? []).entries()) {
          const { agent, path } = await listen(id, number);
          entry.agents.set(name, agent);
          inputs.agents.set(name, path);
        }
      } catch (error) {
        await close(id);
        throw error;
      }
      const end = () => void close(id);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
      return id;
    },

    async receive({ id, name }, archive, known) {
      const { inputs, folder, awaited, arriving, caches } = find(id);
      if (!awaited.has(name) || arriving.has(name))
        throw new EngineError('conflict', `the context ${name} was not announced`);
      arriving.add(name);
      try {
        const place = join(folder, randomBytes(8).toString('hex'));
        const room = (await roomBelow(folder)).bytes;
        const completed = await known?.complete(archive, place, room);
        await completed?.keep();
        const context: BuildContext = completed?.context ?? (await receiveContext(archive, place, room));
        if (all.has(id)) {
          inputs.packs.push(...(known?.packs ?? []));
          if (caches.has(name)) inputs.cacheFrom.push({ layout: context });
          else inputs.contexts.set(name, { context });
          awaited.delete(name);
          return;
        }
        await context.close();
        await rm(folder, { recursive: true, force: true });
      } finally {
        arriving.delete(name);
      }
    },

    connectAgent(id, name) {
      const agent = find(id).agents.get(name);
      if (!agent) throw new EngineError('notFound', `No such agent: ${name}`);
      if (agent.idle.length >= mostIdle) throw new EngineError('conflict', 'enough connections are waiting');
      return {
        take(connection) {
          connection.on('error', () => undefined);
          const socket = agent.waiting.shift();
          if (socket) return connect(socket, connection);
          agent.idle.push(connection);
          connection.once('close', () => forget(agent.idle, connection));
        },
      };
    },

    cache(id, name) {
      const cache = find(id).inputs.caches.get(name);
      if (!cache) throw new EngineError('notFound', `No such cache: ${name}`);
      return images.detached.archive(cache);
    },

    find(id) {
      if (id === '') return noInputs();
      const { inputs, awaited } = find(id);
      const [missing] = awaited;
      if (missing !== undefined) throw new EngineError('conflict', `the context ${missing} was not sent`);
      return inputs;
    },
  };
}

function targetOf({ Type, Ref, Mode }: { Type: string; Ref: string; Mode: string }): CacheTarget {
  const mode = Mode === '' ? 'min' : Mode;
  if (mode !== 'min' && mode !== 'max')
    throw new EngineError('badParameter', `invalid cache mode ${JSON.stringify(Mode)}: use min or max`);
  if (Type === 'inline') return { type: 'inline' };
  if (Type !== 'local' && Type !== 'registry')
    throw new EngineError('badParameter', `steps cannot go to type ${Type}`);
  // A name that is none is told before the build, not behind it.
  if (Type === 'registry') parseReference(Ref);
  return { type: Type, name: Ref, mode };
}

function forget<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}

/** Lets two connections talk with each other; the end of one is that of the other. */
function connect(one: Duplex, other: Duplex): void {
  pipeline(one, other, () => undefined);
  pipeline(other, one, () => undefined);
}
