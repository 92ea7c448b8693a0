import { type ContainerCreateBody, routes } from '@davit/api';
import { openLogins } from '../../config/auths.ts';
import type { CommandContext } from '../../context.ts';
import { describeError } from '../../exit.ts';
import type { Client, DeepPartial } from '../../http/client.ts';

type Body = DeepPartial<ContainerCreateBody>;

/** Where a client in the container looks for the engine, and for the logins that are handed over. */
const socketInContainer = '/var/run/docker.sock';
const configDirectory = '/run/secrets/docker';
const configVariable = 'DOCKER_CONFIG';

/** A container that is given the engine that makes it. */
export interface SharedEngine {
  /** The request with the engine's socket in it. */
  body: Body;
  /** To be called when the container is there: gives it the user's logins. */
  handOver(client: Client, id: string): Promise<void>;
}

/**
 * Gives a container the engine's socket and all logins of the user, as `--use-api-socket` wants. A container that is
 * told of a configuration of its own gets no logins. Throws in docker's words when there is no socket, or a helper
 * does not give its logins.
 */
export async function shareEngine(
  body: Body,
  { endpoint, config, environment }: CommandContext,
): Promise<SharedEngine> {
  const { host } = endpoint;
  if (!host.startsWith('unix://')) {
    throw new Error(
      `flag --use-api-socket can only be used with unix sockets: docker endpoint ${host} incompatible`,
    );
  }
  const mount = { Type: 'bind', Source: host.slice('unix://'.length), Target: socketInContainer };
  const HostConfig = { ...body.HostConfig, Mounts: [...(body.HostConfig?.Mounts ?? []), mount] };
  const shared = { ...body, HostConfig } as Body;
  const nothing = { body: shared, handOver: async () => undefined };
  if (body.Env?.some((variable) => variable.startsWith(`${configVariable}=`))) return nothing;
  const auths = await openLogins(config.directory, environment)
    .all()
    .catch((error: unknown) => {
      throw new Error(`resolving credentials failed: ${describeError(error)}`, { cause: error });
    });
  if (Object.keys(auths).length === 0) return nothing;
  return {
    body: { ...shared, Env: [...(body.Env ?? []), `${configVariable}=${configDirectory}`] },
    async handOver(client, id) {
      try {
        await client.call(routes.containerExtract, {
          path: { name: id },
          query: { path: '/', noOverwriteDirNonDir: true },
          input: await archiveOf(`${configDirectory}/config.json`, JSON.stringify({ auths }, null, '\t')),
        });
      } catch (error) {
        const why = `copying config.json into container failed: ${describeError(error)}`;
        throw new Error(`injecting docker config.json into container failed: ${why}`, { cause: error });
      }
    },
  };
}

/** An archive of one file for its owner's eyes only. */
async function archiveOf(name: string, text: string): Promise<Buffer> {
  const [{ pack }, { buffer }] = await Promise.all([import('tar-stream'), import('node:stream/consumers')]);
  const archive = pack();
  archive.entry({ name, mode: 0o600, mtime: new Date(0) }, text);
  archive.finalize();
  return buffer(archive);
}
