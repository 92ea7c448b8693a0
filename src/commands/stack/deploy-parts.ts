import {
  ApiError,
  routes,
  type Service,
  type StoredFile,
  type StoredFileSpec,
  swarmRoutes,
} from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { registryAuth } from '../registry-auth.ts';
import { resolveImage } from '../service/spec/image.ts';
import { stackNetworks } from './convert/networks.ts';
import { convertService } from './convert/service.ts';
import { imageLabel, ofStack, type Stack, scoped } from './convert/stack.ts';
import { storedFiles } from './convert/stored.ts';

/** When a registry is asked for the digest of an image. */
export type ResolveImage = 'always' | 'changed' | 'never';

/** What bringing a stack out is done with. */
export interface Deployment {
  stack: Stack;
  client: Client;
  context: CommandContext;
}

const isMissing = (error: unknown) => error instanceof ApiError && error.status === 404;

/** Does something and says what it was about when it fails. */
async function about<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CommandError(`${what}: ${describeError(error)}`, 1, { cause: error });
  }
}

async function checkExternal(client: Client, name: string): Promise<void> {
  if (['host', 'none', 'bridge', 'default'].includes(name)) return;
  const declared = `network ${JSON.stringify(name)} is declared as external, but`;
  let scope: string;
  try {
    scope = (await client.call(routes.networkInspect, { path: { name } })).Scope;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new CommandError(
      `${declared} could not be found. You need to create a swarm-scoped network before the stack is deployed`,
    );
  }
  if (scope !== 'swarm') {
    throw new CommandError(
      `${declared} it is not in the right scope: ${JSON.stringify(scope)} instead of "swarm"`,
    );
  }
}

/** Makes the networks of a stack that are not there. Throws CommandError when one that is to be there is not. */
export async function deployNetworks({ stack, client, context }: Deployment): Promise<void> {
  const { own, external } = stackNetworks(stack);
  for (const name of external) await checkExternal(client, name);
  const there = await client.call(routes.networkList, { query: { filters: ofStack(stack.name) } });
  for (const { name, body } of own) {
    if (there.some(({ Name }) => Name === name)) continue;
    await context.streams.out.line(`Creating network ${name}`);
    await about(`failed to create network ${name}`, () => client.call(routes.networkCreate, { body }));
  }
}

type Kind = 'secret' | 'config';

async function deployFile(kind: Kind, spec: StoredFileSpec, { client, context }: Deployment): Promise<void> {
  const route =
    kind === 'secret'
      ? {
          inspect: swarmRoutes.secretInspect,
          create: swarmRoutes.secretCreate,
          update: swarmRoutes.secretUpdate,
        }
      : {
          inspect: swarmRoutes.configInspect,
          create: swarmRoutes.configCreate,
          update: swarmRoutes.configUpdate,
        };
  let known: StoredFile | undefined;
  try {
    known = await client.call(route.inspect, { path: { id: spec.Name } });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (known) {
    const { ID, Version } = known;
    await about(`failed to update ${kind} ${spec.Name}`, () =>
      client.call(route.update, { path: { id: ID }, query: { version: Version.Index }, body: spec }),
    );
    return;
  }
  await context.streams.out.line(`Creating ${kind} ${spec.Name}`);
  await about(`failed to create ${kind} ${spec.Name}`, () => client.call(route.create, { body: spec }));
}

/** Keeps the secrets and configs of a stack in the Swarm. Throws CommandError. */
export async function deployFiles(deployment: Deployment): Promise<void> {
  const { stack } = deployment;
  for (const spec of storedFiles(stack, stack.file.secrets)) await deployFile('secret', spec, deployment);
  for (const spec of storedFiles(stack, stack.file.configs)) await deployFile('config', spec, deployment);
}

/** Removes services of the stack that its files do not have any more. */
export async function pruneServices({ stack, client, context }: Deployment): Promise<void> {
  const wanted = new Set(Object.keys(stack.file.services ?? {}).map((key) => scoped(stack, key)));
  const services = await client.call(swarmRoutes.serviceList, { query: { filters: ofStack(stack.name) } });
  for (const { ID, Spec } of services.filter((service) => !wanted.has(service.Spec.Name))) {
    await context.streams.out.line(`Removing service ${Spec.Name}`);
    await client.call(swarmRoutes.serviceRemove, { path: { id: ID } });
  }
}

interface ServiceOptions {
  resolve: ResolveImage;
  withRegistryAuth: boolean;
}

/** Brings the services of a stack out. Returns their IDs. Throws CommandError. */
export async function deployServices(deployment: Deployment, options: ServiceOptions): Promise<string[]> {
  const { stack, client } = deployment;
  const specs = [];
  for (const [key, service] of Object.entries(stack.file.services ?? {})) {
    specs.push({
      image: service.image ?? '',
      spec: await about(`service ${key}`, () => convertService(stack, key, service, client)),
    });
  }
  const there = await client.call(swarmRoutes.serviceList, { query: { filters: ofStack(stack.name) } });
  const ids: string[] = [];
  for (const { image, spec } of specs) {
    const known = there.find(({ Spec }) => Spec.Name === spec.Name);
    ids.push(await deployService({ image, spec, known }, deployment, options));
  }
  return ids;
}

interface ServiceToDeploy {
  image: string;
  spec: Service['Spec'];
  known: Service | undefined;
}

async function deployService(
  { image, spec, known }: ServiceToDeploy,
  { client, context }: Deployment,
  { resolve, withRegistryAuth }: ServiceOptions,
): Promise<string> {
  const { out, err } = context.streams;
  const headers = withRegistryAuth ? await registryAuth(image, context) : {};
  const isNew = known === undefined || image !== known.Spec.Labels?.[imageLabel];
  await out.line(known ? `Updating service ${spec.Name} (id: ${known.ID})` : `Creating service ${spec.Name}`);
  const asks = resolve === 'always' || (resolve === 'changed' && isNew);
  // What a registry said at the last deployment still holds.
  const kept = !isNew && !asks ? known?.Spec.TaskTemplate.ContainerSpec?.Image : undefined;
  const before = {
    ...spec.TaskTemplate,
    ...(known ? { ForceUpdate: known.Spec.TaskTemplate.ForceUpdate ?? 0 } : {}),
    ...(kept ? { ContainerSpec: { ...spec.TaskTemplate.ContainerSpec, Image: kept } } : {}),
  };
  const { task, warning } = asks
    ? await resolveImage(client, before, headers, context)
    : { task: before, warning: '' };
  const body = { ...spec, TaskTemplate: task };
  if (!known) {
    const { ID, Warnings } = await about(`failed to create service ${spec.Name}`, () =>
      client.call(swarmRoutes.serviceCreate, { body, headers }),
    );
    for (const text of Warnings ?? []) await err.line(text);
    return ID;
  }
  const { Warnings } = await about(`failed to update service ${spec.Name}`, () =>
    client.call(swarmRoutes.serviceUpdate, {
      path: { id: known.ID },
      query: { version: known.Version.Index },
      body,
      headers,
    }),
  );
  for (const text of [...(Warnings ?? []), ...(warning ? [warning] : [])]) await err.line(text);
  return known.ID;
}
