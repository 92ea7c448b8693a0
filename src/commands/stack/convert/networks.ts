import type { ComposeNetwork, ComposeService } from '../compose/types.ts';
import { labelled, type Stack, scoped } from './stack.ts';

const defaultNetwork = 'default';

/** The name that a network of a compose file has in the Swarm. */
export function networkName(stack: Stack, key: string): string {
  const { name } = stack.file.networks?.[key] ?? {};
  return name || scoped(stack, key);
}

/** The networks that a service is in, by their keys; one of the stack's own when it names none. */
export function networkKeys({ networks = {} }: ComposeService): string[] {
  const keys = Object.keys(networks);
  return keys.length > 0 ? keys : [defaultNetwork];
}

interface NetworkToCreate {
  name: string;
  body: {
    Name: string;
    Driver: string;
    IPAM?: {
      Driver: string;
      Config: { Subnet: string; IPRange: string; Gateway: string; AuxiliaryAddresses: null }[];
    };
    Internal: boolean;
    Attachable: boolean;
    Options?: Record<string, string>;
    Labels: Record<string, string>;
  };
}

function toCreate(stack: Stack, key: string, network: ComposeNetwork): NetworkToCreate {
  const name = networkName(stack, key);
  const { ipam } = network;
  const hasIpam = ipam?.driver !== undefined || (ipam?.config?.length ?? 0) > 0;
  return {
    name,
    body: {
      Name: name,
      Driver: network.driver || 'overlay',
      ...(hasIpam
        ? {
            IPAM: {
              Driver: ipam?.driver ?? '',
              Config: (ipam?.config ?? []).map(({ subnet = '' }) => ({
                Subnet: subnet,
                IPRange: '',
                Gateway: '',
                AuxiliaryAddresses: null,
              })),
            },
          }
        : {}),
      Internal: network.internal ?? false,
      Attachable: network.attachable ?? false,
      ...(network.driver_opts ? { Options: network.driver_opts } : {}),
      Labels: labelled(stack, network.labels),
    },
  };
}

/** The networks that services are in: those that the stack makes, and the names of those that are there already. */
export function stackNetworks(stack: Stack): { own: NetworkToCreate[]; external: string[] } {
  const used = new Set(Object.values(stack.file.services ?? {}).flatMap(networkKeys));
  const own: NetworkToCreate[] = [];
  const external: string[] = [];
  for (const key of [...used].sort()) {
    const network = stack.file.networks?.[key] ?? {};
    if (network.external) external.push(networkName(stack, key));
    else own.push(toCreate(stack, key, network));
  }
  return { own, external };
}
