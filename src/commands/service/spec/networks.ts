import { type NetworkAttachment, routes } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { parseNetwork } from '../../container/options/networks.ts';
import { FlagValueError } from '../../flag.ts';
import { withoutEmpty } from './empty.ts';

/** A network that a service is to be in; `Target` is the name or ID that was typed. */
export type WantedNetwork = NetworkAttachment & { Target: string };

/** Reads one value of --network. Throws FlagValueError: addresses are the manager's to give. */
export function parseServiceNetwork(text: string): WantedNetwork {
  const { name, aliases, driverOptions, ip, ip6, macAddress, linkLocalIps } = parseNetwork(text);
  if (ip || ip6 || macAddress || linkLocalIps.length > 0) {
    throw new FlagValueError('the tasks of a service get their addresses from the Swarm');
  }
  return withoutEmpty({ Target: name, Aliases: aliases, DriverOpts: driverOptions });
}

const byTarget = (one: NetworkAttachment, other: NetworkAttachment) =>
  (one.Target ?? '') < (other.Target ?? '') ? -1 : 1;

/** The ID of a network that the whole Swarm has. Throws ApiError. */
async function networkId(client: Client, name: string): Promise<string> {
  const { Id } = await client.call(routes.networkInspect, { path: { name }, query: { scope: 'swarm' } });
  return Id;
}

async function resolved(wanted: readonly WantedNetwork[], client: Client): Promise<NetworkAttachment[]> {
  const found: NetworkAttachment[] = [];
  for (const one of wanted) found.push({ ...one, Target: await networkId(client, one.Target) });
  return found;
}

/** The networks of a new service, by their IDs. Throws ApiError. */
export async function networkAttachments(
  wanted: readonly WantedNetwork[],
  client: Client,
): Promise<NetworkAttachment[]> {
  return (await resolved(wanted, client)).sort(byTarget);
}

/** Networks without those that are removed, and with those that are added. Throws ApiError, CommandError. */
export async function changeNetworks(
  before: readonly NetworkAttachment[],
  { added, removed }: { added: readonly WantedNetwork[]; removed: readonly string[] },
  client: Client,
): Promise<NetworkAttachment[]> {
  const gone = new Set<string>();
  for (const name of removed) gone.add(await networkId(client, name));
  const left = before.filter(({ Target = '' }) => !gone.has(Target));
  for (const [index, network] of (await resolved(added, client)).entries()) {
    if (left.some(({ Target }) => Target === network.Target)) {
      throw new CommandError(`service is already attached to network ${added[index]?.Target}`);
    }
    left.push(network);
  }
  return left.sort(byTarget);
}
