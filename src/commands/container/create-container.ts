import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { ApiError, type ContainerCreateBody, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import type { Client, DeepPartial } from '../../http/client.ts';
import { checkImage, splitImageName } from '../image-name.ts';
import { describeOpen } from './options/environment.ts';
import type { CreateOptions } from './options/flags.ts';
import { proxyVariables } from './options/proxies.ts';
import { createRequest } from './options/request.ts';

/** The body of the create request for `args`, which are the image and its command. */
export function requestOf(
  options: CreateOptions,
  args: string[],
  { config, endpoint, environment, streams }: CommandContext,
): DeepPartial<ContainerCreateBody> {
  const [image = '', ...command] = args;
  if (!['always', 'missing', 'never'].includes(options.pull)) {
    throw new Error(`invalid pull option: '${options.pull}': must be one of "always", "missing" or "never"`);
  }
  return createRequest(options, {
    image,
    command,
    environment,
    proxies: proxyVariables(config.proxies, endpoint.host),
    consoleSize: streams.out.isTerminal ? [streams.out.height, streams.out.width] : [0, 0],
  });
}

/** Creates the container, pulling its image when that is wanted, and tells the engine's warnings. */
export async function createContainer(
  client: Client,
  options: CreateOptions,
  body: DeepPartial<ContainerCreateBody>,
  context: CommandContext,
): Promise<string> {
  const { name, platform, pull } = options;
  const image = body.Image ?? '';
  const idFile = options.cidfile ? openIdFile(options.cidfile) : null;
  let request = body;
  const create = () => client.call(routes.containerCreate, { query: { name, platform }, body: request });
  const pullImage = async () => {
    const named = splitImageName(image);
    const isBare = named.tag === '' && named.digest === '';
    const output = options.quiet ? undefined : context.streams.err;
    // Loaded only when there is something to pull.
    const { pullFromRegistry } = await import('../image/pull-image.ts');
    await pullFromRegistry({ name: isBare ? { ...named, tag: 'latest' } : named, platform, output }, context);
  };
  try {
    checkImage(image);
    const { shareEngine } = options.useApiSocket ? await import('./api-socket.ts') : { shareEngine: null };
    const shared = await shareEngine?.(body, context);
    request = shared?.body ?? body;
    if (pull === 'always') await pullImage();
    const { Id, Warnings } = await create().catch(async (error: unknown) => {
      if (pull !== 'missing' || !isMissingImage(error, image)) throw error;
      await context.streams.err.line(`Unable to find image '${withTag(image)}' locally`);
      await pullImage();
      return create();
    });
    for (const warning of Warnings ?? []) await context.streams.err.line(`WARNING: ${warning}`);
    await shared?.handOver(client, Id).catch(async (error: unknown) => {
      await discardContainer(client, Id);
      throw error;
    });
    idFile?.keep(Id);
    return Id;
  } catch (error) {
    idFile?.discard();
    throw error;
  }
}

/** Takes away a container that nobody has got the ID of; what has failed before is told, and not that this does too. */
async function discardContainer(client: Client, id: string): Promise<void> {
  const query = { v: true, force: true };
  await client.call(routes.containerRemove, { path: { name: id }, query }).catch(() => undefined);
}

/** A 404 may be about a network or a container that is named, too: only the image is pulled. */
function isMissingImage(error: unknown, image: string): boolean {
  return error instanceof ApiError && error.status === 404 && /image/i.test(error.message) && image !== '';
}

/** A name with the tag that is meant when there is none, as docker tells it. */
function withTag(image: string): string {
  const short = image.replace(/^(index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '');
  return /@|:[^/]*$/.test(short) ? short : `${short}:latest`;
}

interface IdFile {
  keep(id: string): void;
  discard(): void;
}

function openIdFile(path: string): IdFile {
  if (existsSync(path)) {
    throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`);
  }
  let file: number;
  try {
    file = openSync(path, 'wx', 0o666);
  } catch (error) {
    throw new Error(`failed to create the container ID file: ${describeOpen(path, error)}`, { cause: error });
  }
  return {
    keep(id) {
      writeSync(file, id);
      closeSync(file);
    },
    discard() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}
