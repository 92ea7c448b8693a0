import { lstatSync, readFileSync, statSync } from 'node:fs';
import { CommandError } from '../../../exit.ts';
import type { OptionsOf } from '../../command.ts';
import { splitFields } from '../../csv.ts';
import { type CacheTarget, filesOfCache, readCacheSources, readCacheTargets } from './caches.ts';
import type { moreFlags } from './flags.ts';

/** What a build is given besides the request. */
export interface Given {
  /** Contents by ID. */
  secrets: Map<string, Buffer>;
  /** Sockets of agents on this machine, by ID. */
  agents: Map<string, string>;
  /** Images that stand for names. */
  images: Map<string, string>;
  /** Folders that stand for names. */
  folders: Map<string, string>;
  noCacheStages: string[];
  allowed: string[];
  /** Names in registries whose steps are used. */
  cacheRegistries: string[];
  /** Folders whose steps are used, and what of them is sent, by names. */
  cacheFolders: Map<string, { folder: string; files: ReadonlySet<string> }>;
  cacheTargets: CacheTarget[];
}

type Options = Pick<
  OptionsOf<typeof moreFlags>,
  'secret' | 'ssh' | 'buildContext' | 'noCacheFilter' | 'allow' | 'cacheFrom' | 'cacheTo'
>;
type Environment = Readonly<Record<string, string | undefined>>;

const largestSecret = 500 * 1024;

/**
 * Reads the flags that need davit's own engine; null when there are none. `warn` is told of a cache that is not
 * there yet. Throws CommandError.
 */
export function readGiven(
  options: Options,
  environment: Environment,
  warn: (message: string) => void,
): Given | null {
  const { secret, ssh, buildContext, noCacheFilter, allow } = options;
  const { registries, folders } = readCacheSources(options.cacheFrom);
  const cacheTargets = readCacheTargets(options.cacheTo);
  const lists = [secret, ssh, buildContext, noCacheFilter, allow, registries, folders, cacheTargets];
  if (lists.every((list) => list.length === 0)) return null;
  const given: Given = {
    secrets: new Map(secret.map((text) => readSecret(text, environment))),
    agents: new Map(ssh.map((text) => readAgent(text, environment))),
    ...{ images: new Map(), folders: new Map() },
    noCacheStages: noCacheFilter.flatMap((text) => text.split(',')),
    allowed: allow.flatMap((text) => text.split(',')),
    ...{ cacheRegistries: registries, cacheFolders: new Map(), cacheTargets },
  };
  for (const [number, folder] of folders.entries()) {
    const files = filesOfCache(folder);
    if (files) given.cacheFolders.set(`cache-${number}`, { folder, files });
    else warn(`there is no cache in ${folder} yet`);
  }
  for (const text of buildContext) {
    const [name, value] = splitName(text, 'build context');
    if (value.startsWith('docker-image://')) given.images.set(name, value);
    else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
      throw new CommandError(`invalid build context ${name}: ${value} is no folder and no docker-image://`);
    else if (!isFolder(value))
      throw new CommandError(`failed to get build context ${name}: ${value} is no folder`);
    else given.folders.set(name, value);
  }
  const strange = given.allowed.find((one) => !['network.host', 'security.insecure'].includes(one));
  if (strange !== undefined) throw new CommandError(`invalid entitlement: ${strange}`);
  return given;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function splitName(text: string, what: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CommandError(`invalid ${what} ${text}: use NAME=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** `id=ID,src=FILE`, `id=ID,env=NAME`, or `id=ID` for the variable or else the file of that name. */
function readSecret(text: string, environment: Environment): [id: string, content: Buffer] {
  const fields = new Map(
    splitFields(text).map((field) => {
      const [key, value] = splitName(field, 'secret');
      return [key.toLowerCase(), value];
    }),
  );
  const unknown = [...fields.keys()].find((key) => !['id', 'src', 'source', 'env', 'type'].includes(key));
  if (unknown !== undefined) throw new CommandError(`invalid secret: unexpected key '${unknown}'`);
  const type = fields.get('type') ?? '';
  if (!['', 'file', 'env'].includes(type)) throw new CommandError(`invalid secret: unsupported type ${type}`);
  const source = fields.get('src') ?? fields.get('source') ?? '';
  const id = fields.get('id') || source;
  if (id === '') throw new CommandError('invalid secret: an id is needed');
  const variable = fields.get('env') ?? (type === 'env' ? source || id : '');
  const usual = source === '' && variable === '' && type !== 'file' ? environment[id] : undefined;
  if (usual !== undefined) return [id, Buffer.from(usual)];
  if (variable !== '') {
    const value = environment[variable];
    if (value === undefined) throw new CommandError(`failed to read secret ${id}: ${variable} is not set`);
    return [id, Buffer.from(value)];
  }
  return [id, readSecretFile(id, source || id)];
}

function readSecretFile(id: string, path: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new CommandError(`failed to read secret ${id}: ${(error as Error).message}`, 1, { cause: error });
  }
  if (content.length > largestSecret)
    throw new CommandError(`failed to read secret ${id}: it is larger than ${largestSecret} bytes`);
  return content;
}

/** `default`, or `ID=SOCKET`. */
function readAgent(text: string, environment: Environment): [id: string, socket: string] {
  const equals = text.indexOf('=');
  const id = equals === -1 ? text : text.slice(0, equals);
  const path = equals === -1 ? (environment.SSH_AUTH_SOCK ?? '') : text.slice(equals + 1);
  if (path === '') throw new CommandError(`invalid SSH agent ${id}: SSH_AUTH_SOCK is not set`);
  if (!lstatSync(path, { throwIfNoEntry: false }))
    throw new CommandError(`invalid SSH agent ${id}: there is no ${path}`);
  if (!statSync(path).isSocket())
    throw new CommandError(
      `invalid SSH agent ${id}: ${path} is no socket; add keys to an agent with ssh-add`,
    );
  return [id, path];
}
