import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import type { Client } from '../../http/client.ts';

/** Has the engine pull an image that a container is to be made from; progress goes to standard error. */
export async function pullImage(
  client: Client,
  image: string,
  { platform, quiet }: { platform: string | undefined; quiet: boolean },
  { streams }: CommandContext,
): Promise<void> {
  const { name, tag } = splitName(image);
  const messages = await client.call(routes.imageCreate, { query: { fromImage: name, tag, platform } });
  for await (const { id, status, progressDetail, error, errorDetail } of messages) {
    const failure = errorDetail?.message ?? error;
    if (failure !== undefined) throw new Error(failure);
    const moving = progressDetail?.current !== undefined;
    if (!quiet && status && !moving) await streams.err.line(id ? `${id}: ${status}` : status);
  }
}

function splitName(image: string): { name: string; tag: string } {
  const [, name = image, digest] = /^(.*)@(.*)$/.exec(image) ?? [];
  if (digest) return { name, tag: digest };
  const [, bare = image, tag = 'latest'] = /^(.*?):([^/:]*)$/.exec(image) ?? [];
  return { name: bare, tag };
}
