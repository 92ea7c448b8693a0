import { ApiError, routes } from '@davit/api';
import type { CommandContext } from '../context.ts';
import { CommandError, describeError } from '../exit.ts';
import type { Type } from '../format/go/value.ts';
import type { Inspector } from '../format/inspect.ts';
import type { Client } from '../http/client.ts';
import { asText, textRoute } from '../http/raw.ts';

/** One kind of object that can be inspected. */
export interface Inspectable {
  readonly kind: string;
  /** Only managers of a Swarm know such objects. */
  readonly swarm?: boolean;
  /** The object's JSON as the engine wrote it. Throws ApiError. */
  read(client: Client, name: string, size: boolean): Promise<string>;
  /** What docker's client decodes it to; templates that need its type load it. */
  type?(): Promise<Type>;
}

function wanted(kind: string, name: string): string {
  if (name.trim() === '') throw new CommandError(`invalid ${kind} name or ID: value is empty`);
  return name;
}

function plain(
  kind: string,
  path: `/${string}{name}${string}`,
  more: Partial<Inspectable> = {},
): Inspectable {
  const route = textRoute(path);
  return {
    kind,
    read: (client, name) => client.call(route, { path: { name: wanted(kind, name) } }),
    ...more,
  };
}

export const containers: Inspectable = {
  kind: 'container',
  read: (client, name, size) =>
    client.call(asText(routes.containerInspect), {
      path: { name: wanted('container', name) },
      query: { size },
    }),
  type: async () => (await import('../format/objects/container.ts')).containerInspect,
};

/** Images, or what of them is for one platform, which is in JSON then. */
export const imagesFor = (platform: string): Inspectable => ({
  kind: 'image',
  read: (client, name) => {
    if (name.trim() === '') throw new CommandError('Error: No such image: ');
    return client.call(asText(routes.imageInspect), { path: { name }, query: { platform } });
  },
  type: async () => (await import('../format/objects/image.ts')).imageInspect,
});

export const images = imagesFor('');

export const networks = plain('network', '/networks/{name}', {
  type: async () => (await import('../format/objects/network.ts')).networkInspect,
});

export const volumes = plain('volume', '/volumes/{name}', {
  type: async () => (await import('../format/objects/volume.ts')).volumeInspect,
});

/** All kinds, in the order in which a name is looked for among them. */
export const allKinds: readonly Inspectable[] = [
  containers,
  images,
  networks,
  volumes,
  plain('service', '/services/{name}', { swarm: true }),
  plain('task', '/tasks/{name}', { swarm: true }),
  plain('node', '/nodes/{name}', { swarm: true }),
  plain('secret', '/secrets/{name}', { swarm: true }),
  plain('config', '/configs/{name}', { swarm: true }),
  plain('plugin', '/plugins/{name}/json'),
];

/** An object that was found. */
export interface Found {
  raw: string;
  inspectable: Pick<Inspectable, 'kind' | 'type'>;
}

/** Whether an engine says that there is no such object, or that it has none of the kind. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || [501, 503].includes(error.status));
}

/**
 * Inspects one name after the other and prints what was found. What goes wrong is told at the end: throws
 * CommandError.
 */
export async function inspectNames(
  names: readonly string[],
  format: string,
  find: (name: string) => Promise<Found>,
  { streams }: CommandContext,
  options: { typedOnly?: boolean } = {},
): Promise<void> {
  const inspector = await inspectorFor(format, options);
  const problems: string[] = [];
  for (const name of names) {
    try {
      const { raw, inspectable } = await find(name);
      const type = isTemplate(format) ? await inspectable.type?.() : undefined;
      inspector.add(raw, type ?? null);
    } catch (error) {
      problems.push(describeError(error));
    }
  }
  await streams.out.write(inspector.text());
  if (problems.length > 0) throw new CommandError(problems.join('\n'));
}

function isTemplate(format: string): boolean {
  return format !== '' && format !== 'json' && format !== 'yaml';
}

/** The inspector for a format; only a template loads the template engine. */
async function inspectorFor(format: string, options: { typedOnly?: boolean }): Promise<Inspector> {
  if (isTemplate(format))
    return (await import('../format/inspect-template.ts')).createTemplateInspector(format, options);
  const { createJsonInspector, createYamlInspector } = await import('../format/inspect.ts');
  return format === 'yaml' ? createYamlInspector() : createJsonInspector(format === 'json');
}
