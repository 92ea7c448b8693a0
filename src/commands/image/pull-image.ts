import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { showProgress } from '../../format/progress.ts';
import type { Output } from '../../terminal/streams.ts';
import type { ImageName } from '../image-name.ts';
import { registryAuth } from '../registry-auth.ts';

interface PullRequest {
  /** Without a tag and a digest all tags are pulled. */
  name: ImageName;
  platform?: string;
  /** Where its progress is shown; nowhere when left out. */
  output?: Output;
}

/** Has the engine pull an image. Throws with the engine's words when it cannot. */
export async function pullFromRegistry(
  { name, platform, output }: PullRequest,
  context: CommandContext,
): Promise<void> {
  const [client, headers] = await Promise.all([context.connect(), registryAuth(name.repository, context)]);
  const messages = await client.call(routes.imageCreate, {
    query: { fromImage: name.repository, tag: name.digest || name.tag, platform },
    headers,
    signal: context.signal,
  });
  await showProgress(messages, { output });
}
