import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';

/** The ID of a node as it is typed: `self` is the one that was asked. */
export async function nodeReference(client: Client, name: string): Promise<string> {
  if (name !== 'self') return name;
  const { Swarm: membership } = await client.call(routes.info);
  if (membership?.NodeID) return membership.NodeID;
  throw new CommandError('"self" is not a node: this engine is in no Swarm');
}
