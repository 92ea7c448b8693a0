import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { describeError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';

/**
 * Begins to wait for a container's next exit, or its removal. Resolves when the engine is listening for it, so
 * that nothing is missed when the container is started then, to the promise of its exit code.
 */
export async function beginWait(
  client: Client,
  id: string,
  removed: boolean,
  { streams }: CommandContext,
): Promise<{ code: Promise<number> }> {
  const answers = await client.call(routes.containerWait, {
    path: { name: id },
    query: { condition: removed ? 'removed' : 'next-exit' },
  });
  const read = async (): Promise<number> => {
    try {
      for await (const { StatusCode, Error: failure } of answers) {
        if (!failure) return StatusCode;
        await streams.err.line(`Error waiting for container: ${failure.Message}`);
        return 125;
      }
      await streams.err.line('Error waiting for container: the engine ended its answer');
    } catch (error) {
      await streams.err.line(`Error waiting for container: ${describeError(error)}`);
    }
    return 125;
  };
  const code = read();
  return { code };
}
