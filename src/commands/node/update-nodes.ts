import { type NodeSpec, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import type { Client } from '../../http/client.ts';

/** Changes nodes one after the other; `change` says what a node becomes, or null when it stays as it is. */
export async function updateNodes(
  client: Client,
  names: readonly string[],
  { streams }: CommandContext,
  change: (spec: NodeSpec) => NodeSpec | null,
  told: { done(name: string): string; already(id: string): string },
): Promise<void> {
  for (const name of names) {
    const node = await client.call(swarmRoutes.nodeInspect, { path: { id: name } });
    const spec = change(node.Spec);
    if (spec === null) {
      await streams.out.line(told.already(node.ID));
      continue;
    }
    const query = { version: node.Version.Index };
    await client.call(swarmRoutes.nodeUpdate, { path: { id: node.ID }, query, body: spec });
    await streams.out.line(told.done(name));
  }
}
