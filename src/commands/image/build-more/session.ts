import { createConnection } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { buildRoutes, createIgnoreRules } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { askDavit } from '../../davit-only.ts';
import { archiveOf } from '../build-context/archive.ts';
import { askForKnown, type ContextFolder, type KnownContext } from '../build-context/known.ts';
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
  const known: KnownContext[] = [];
  const close = () => {
    stop.abort();
    for (const one of known) one.close();
  };
  try {
    const send = async (name: string, input: Readable, davitcontext = '') => {
      await client.call(buildRoutes.buildInputsContext, {
        path: { id, name },
        query: { davitcontext },
        input,
      });
    };
    for (const [name, root] of given.folders) {
      const folder = await contextFolder(root);
      const one = await askForKnown(client, folder, undefined);
      if (one) known.push(one);
      await send(name, one?.archive ?? packed(folder), one?.id);
    }
    for (const [name, cache] of given.cacheFolders) await send(name, packed(cacheFolder(cache)));
  } catch (error) {
    close();
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
    close,
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

const packed = (folder: ContextFolder): Readable =>
  Readable.from(archiveOf(folder.root, folder), { objectMode: false });

const cacheFolder = ({ folder, files }: { folder: string; files: ReadonlySet<string> }): ContextFolder => ({
  ...{ root: folder, extra: null },
  leavesOut: (path, isDirectory) => !isDirectory && !files.has(path),
});

async function contextFolder(root: string): Promise<ContextFolder> {
  const rules = createIgnoreRules(await patternsOf(root, ''));
  const leavesOut = (path: string, isDirectory: boolean) =>
    rules.ignores(path) && (!isDirectory || rules.prunes(path));
  return { root, extra: null, leavesOut };
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
