import { mkdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { ContainerCreateAnswer, ContainerCreateBody, HostConfig } from '@davit/api';
import { formatTime, now } from '../clock.ts';
import { EngineError, messageOf } from '../errors.ts';
import type { ResolvedImage } from '../images/service.ts';
import { bootId } from '../kernel/boot.ts';
import { checkAttributes } from '../logs/attributes.ts';
import { completeLogConfig } from '../logs/limits.ts';
import { normalizeCapabilities } from '../runtime/capabilities.ts';
import { mergeTmpfsOptions } from '../runtime/mounts.ts';
import { parseSecurityOptions } from '../runtime/security.ts';
import type { ContainerMount, ContainerRecord } from '../state/containers.ts';
import { commandOf, mergeConfig } from './config.ts';
import type { Context } from './context.ts';
import { adjustResources, completeHostConfig } from './hostconfig.ts';
import { erase } from './launch.ts';
import { areOwnLinks, resolveLinks } from './links.ts';
import { checkName, inventName, newId } from './names.ts';
import { namedEndpoints } from './networks.ts';
import { planMounts } from './plan.ts';
import { makeSources, missingSource, removeSources, type Wishes } from './sources.ts';
import { initialState } from './status.ts';
import { checkConfig, checkHostConfig } from './validate.ts';

export interface CreateOptions {
  /** Empty: one is made up. */
  name: string;
  /** As in linux/amd64; empty: any. */
  platform: string;
  body: ContainerCreateBody;
  /** What it is made of, when that is no image of this engine. */
  image?: ResolvedImage;
  /** Variables with secrets: no record of the container has them, and so they are gone with this engine. */
  unrecorded?: readonly string[];
}

/** Makes a container of an image, which runs when it is started. */
export async function createContainer(
  context: Context,
  options: CreateOptions,
): Promise<ContainerCreateAnswer> {
  const { body } = options;
  const { HostConfig: given, NetworkingConfig: networking, ...userConfig } = body;
  const wished = {
    ...nameContainers(context, given),
    LogConfig: completeLogConfig(given.LogConfig, context.config.logConfig),
  };
  if (body.Image === '') {
    throw new EngineError('badParameter', 'config cannot be empty in order to create a container');
  }
  const name = options.name === '' ? '' : checkName(options.name);
  const { runtime } = context;
  checkConfig(userConfig, wished);
  checkHostConfig(wished, runtime.facts, Object.keys(runtime.known()));
  await checkAttributes(wished.LogConfig.Config ?? {});
  checkSecurity(wished);
  context.networks.check(wished, userConfig);
  const image = options.image ?? context.images.resolve(body.Image);
  checkPlatform(body.Image, image, options.platform);

  const config = mergeConfig(userConfig, image.config);
  const completed = completeHostConfig(wished, runtime.facts, runtime.name);
  const { adjusted, warnings } = adjustResources(completed, runtime.facts);
  const links = resolveLinks(context, adjusted);
  // From here on they are told by the IDs of those who are meant.
  const hostConfig = { ...adjusted, Links: areOwnLinks(adjusted) ? null : adjusted.Links };
  const id = newId();
  const planned = planMounts(context, id, wished, config);
  await checkSources(planned);
  const { path, args } = commandOf(config);
  const record: ContainerRecord = {
    id,
    name: name || inventName((candidate) => isTaken(context, candidate)),
    created: formatTime(now()),
    imageId: image.id,
    layers: image.layers,
    path,
    args,
    config: { ...config, Hostname: config.Hostname || ownHostname(context, hostConfig, id) },
    hostConfig,
    endpoints: namedEndpoints(context, hostConfig.NetworkMode, networking.EndpointsConfig ?? {}),
    mounts: planned.map(({ wish: _, ...mount }) => mount),
    ...(links.length > 0 && { links }),
    state: initialState(bootId),
  };
  const wishes: Wishes = new Map(
    planned.flatMap(({ volume, wish }) => (volume && wish ? [[volume.name, wish]] : [])),
  );
  await context.locks.run(id, () => keep(context, record, wishes));
  if (options.unrecorded) context.live(record).unrecorded = options.unrecorded;
  context.publish('create', record);
  return { Id: id, Warnings: warnings };
}

/** Writes the container down, and makes the folders that are its own. */
async function keep(context: Context, record: ContainerRecord, wishes: Wishes): Promise<void> {
  const { store, roots, folder } = context;
  // Comes first: from here on its volumes cannot be removed.
  store.insert(record);
  try {
    await roots.create(record.id);
    await makeSources(context, record, wishes);
    // Comes last: a container that has it is complete.
    await mkdir(folder(record.id), { mode: 0o710 });
  } catch (error) {
    await erase(context, record.id);
    store.remove(record.id);
    await removeSources(context, record, true);
    throw error;
  }
}

function isTaken({ store }: Context, name: string): boolean {
  return store.all().some((record) => record.name === name);
}

function ownHostname({ store }: Context, { NetworkMode, UTSMode }: HostConfig, id: string): string {
  if (NetworkMode.startsWith('container:')) {
    return store.find(NetworkMode.slice('container:'.length)).config.Hostname;
  }
  return NetworkMode === 'host' || UTSMode === 'host' ? hostname() : id.slice(0, 12);
}

/** Modes such as `container:web` name a container by its ID from here on: names change hands. */
function nameContainers({ store }: Context, hostConfig: HostConfig): HostConfig {
  const byId = (mode: string) => {
    if (!mode.startsWith('container:')) return mode;
    try {
      return `container:${store.find(mode.slice('container:'.length)).id}`;
    } catch (error) {
      // To clients, "not found" would mean the image.
      throw new EngineError('badParameter', messageOf(error), { cause: error });
    }
  };
  return {
    ...hostConfig,
    NetworkMode: byId(hostConfig.NetworkMode),
    IpcMode: byId(hostConfig.IpcMode),
    PidMode: byId(hostConfig.PidMode),
  };
}

function checkSecurity({ CapAdd, CapDrop, SecurityOpt, Tmpfs }: HostConfig): void {
  for (const [list, names] of Object.entries({ CapAdd, CapDrop })) {
    try {
      normalizeCapabilities(names ?? []);
    } catch (error) {
      throw new EngineError('badParameter', `invalid ${list}: ${messageOf(error)}`);
    }
  }
  parseSecurityOptions(SecurityOpt ?? []);
  for (const options of Object.values(Tmpfs ?? {})) mergeTmpfsOptions(options);
}

/** What is mounted with `--mount` must be there. */
async function checkSources(mounts: ContainerMount[]): Promise<void> {
  const needed = mounts.filter(({ type, createSource }) => type === 'bind' && !createSource);
  await Promise.all(
    needed.map(({ source }) =>
      stat(source).catch(() => {
        throw missingSource(source);
      }),
    ),
  );
}

function checkPlatform(name: string, image: { os: string; architecture: string }, platform: string): void {
  const [os = '', architecture = ''] = platform.split('/');
  if ((os && os !== image.os) || (architecture && architecture !== image.architecture)) {
    throw new EngineError(
      'notFound',
      `image with reference ${name} was found but does not provide the specified platform (${platform})`,
    );
  }
}
