import { createConnection } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { buildRoutes, createIgnoreRules } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { askDavit } from '../../davit-only.ts';
import { archiveOf } from '../build-context/archive.ts';
import { patternsOf } from '../build-context/pack.ts';
import { filesOfCache, removeOldCache } from './caches.ts';
import { unpackInto } from './folder.ts';
import type { Given } from './given.ts';

/** What was given to an engine for one build. */
export interface InputSession {
  readonly id: string;
  /** Writes the caches to their folders that the build has made for this machine. */
  writeCaches(signal: AbortSignal | undefined): Promise<void>;
  /** The engine forgets all of it. */
  close(): void;
}

/** Connections to each agent that wait for someone in the build to ask. */
const readyConnections = 2;

/** Gives an engine what a build needs besides the request. Throws CommandError when it is not davit's own. */
export async function openInputs(client: Client, given: Given): Promise<InputSession> {
  const stop = new AbortController();
  const id = await begin(client, given, stop.signal);
  try {
    const send = async (name: string, archive: AsyncIterable<Buffer>) => {
      const input = Readable.from(archive, { objectMode: false });
      await client.call(buildRoutes.buildInputsContext, { path: { id, name }, input });
    };
    for (const [name, folder] of given.folders) await send(name, await packed(folder));
    for (const [name, { folder, files }] of given.cacheFolders) await send(name, packedCache(folder, files));
  } catch (error) {
    stop.abort();
    throw error;
  }
  for (const [name, socket] of given.agents)
    for (let count = 0; count < readyConnections; count++)
      void serveAgent(client, id, name, socket, stop.signal);
  return {
    id,
    async writeCaches(signal) {
      for (const [number, { type, place }] of given.cacheTargets.entries()) {
        if (type !== 'local') continue;
        const path = { id, name: String(number) };
        const { stream } = await client.call(buildRoutes.buildInputsCache, { path, signal });
        const before = filesOfCache(place);
        await unpackInto(place, stream);
        if (before) removeOldCache(place, before);
      }
    },
    close: () => stop.abort(),
  };
}

const otherwise =
  "this engine's builder takes no secrets, SSH agents, further contexts, caches or stages to build anew: only that of davit does";

async function begin(client: Client, given: Given, signal: AbortSignal): Promise<string> {
  const encoded = Array.from(given.secrets, ([name, content]) => [name, content.toString('base64')]);
  const body = {
    Secrets: Object.fromEntries(encoded),
    Agents: [...given.agents.keys()],
    Images: Object.fromEntries(given.images),
    Contexts: [...given.folders.keys()],
    NoCacheStages: given.noCacheStages,
    Allowed: given.allowed,
    CacheFrom: [
      ...given.cacheRegistries.map((Ref) => ({ Type: 'registry', Ref })),
      ...Array.from(given.cacheFolders.keys(), (Ref) => ({ Type: 'local', Ref })),
    ],
    CacheTo: given.cacheTargets.map(({ type, place, mode }, number) => ({
      ...{ Type: type, Mode: mode },
      // Where a cache is on this machine is no business of the engine.
      Ref: type === 'local' ? String(number) : place,
    })),
  };
  const messages = await askDavit(() => client.call(buildRoutes.buildInputs, { body, signal }), {
    otherwise,
  });
  const first = await messages[Symbol.asyncIterator]().next();
  if (first.done) throw new CommandError('the engine did not take what the build needs');
  return first.value.ID;
}

const packedCache = (folder: string, files: ReadonlySet<string>): AsyncIterable<Buffer> =>
  archiveOf(folder, { extra: null, leavesOut: (path, isDirectory) => !isDirectory && !files.has(path) });

async function packed(folder: string): Promise<AsyncIterable<Buffer>> {
  const rules = createIgnoreRules(await patternsOf(folder, ''));
  return archiveOf(folder, {
    extra: null,
    leavesOut: (path, isDirectory) => rules.ignores(path) && (!isDirectory || rules.prunes(path)),
  });
}

/** Leads one connection from the engine to the agent when something comes on it, and makes the next one ready. */
async function serveAgent(
  client: Client,
  id: string,
  name: string,
  socket: string,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const connected = await client.call(buildRoutes.buildInputsAgent, { path: { id, name } }).catch(() => null);
  if (!connected) return;
  const { stream } = connected;
  stream.on('error', () => undefined);
  const end = () => void stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', end));
  stream.once('readable', () => {
    if (stream.readableLength === 0) return end();
    void serveAgent(client, id, name, socket, signal);
    const agent = createConnection(socket);
    pipeline(stream, agent, () => undefined);
    pipeline(agent, stream, () => undefined);
  });
}
