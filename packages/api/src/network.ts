import type { PortMap } from './hostconfig.ts';
import { boolean, type Decoded, integer, list, map, object, optional, string } from './shape.ts';

/** A container's place in one network: what was asked for and what it got. */
export const endpointSettings = object({
  IPAMConfig: optional(object({ IPv4Address: string, IPv6Address: string, LinkLocalIPs: list(string) })),
  Links: list(string),
  Aliases: list(string),
  MacAddress: string,
  DriverOpts: map(string),
  GwPriority: integer,
  NetworkID: string,
  EndpointID: string,
  Gateway: string,
  IPAddress: string,
  IPPrefixLen: integer,
  IPv6Gateway: string,
  GlobalIPv6Address: string,
  GlobalIPv6PrefixLen: integer,
  DNSNames: list(string),
});
export type EndpointSettings = Decoded<typeof endpointSettings>;

export const networkingConfig = object({ EndpointsConfig: map(endpointSettings) });
export type NetworkingConfig = Decoded<typeof networkingConfig>;

/** The NetworkSettings of a container's inspect. */
export interface NetworkSettings {
  Bridge: string;
  SandboxID: string;
  SandboxKey: string;
  Ports: PortMap;
  HairpinMode: boolean;
  LinkLocalIPv6Address: string;
  LinkLocalIPv6PrefixLen: number;
  SecondaryIPAddresses: null;
  SecondaryIPv6Addresses: null;
  EndpointID: string;
  Gateway: string;
  GlobalIPv6Address: string;
  GlobalIPv6PrefixLen: number;
  IPAddress: string;
  IPPrefixLen: number;
  IPv6Gateway: string;
  MacAddress: string;
  Networks: Record<string, EndpointSettings>;
}

/** Where a network has its addresses of one kind from. */
const ipamConfig = object({
  Subnet: string,
  IPRange: string,
  Gateway: string,
  AuxiliaryAddresses: map(string),
});
export type IpamConfig = Decoded<typeof ipamConfig>;

/** The body of POST /networks/create. */
export const networkCreateBody = object({
  Name: string,
  /** Engines of long ago looked for another network of the name only when they were asked to. */
  CheckDuplicate: boolean,
  Driver: string,
  Scope: string,
  EnableIPv4: optional(boolean),
  EnableIPv6: optional(boolean),
  IPAM: optional(object({ Driver: string, Options: map(string), Config: list(ipamConfig) })),
  Internal: boolean,
  Attachable: boolean,
  Ingress: boolean,
  ConfigOnly: boolean,
  ConfigFrom: optional(object({ Network: string })),
  Options: map(string),
  Labels: map(string),
});
export type NetworkCreateBody = Decoded<typeof networkCreateBody>;

export interface NetworkCreateAnswer {
  Id: string;
  Warning: string;
}

export interface NetworkPruneAnswer {
  NetworksDeleted: string[] | null;
}

export const networkConnectBody = object({
  Container: string,
  EndpointConfig: optional(endpointSettings),
});
export type NetworkConnectBody = Decoded<typeof networkConnectBody>;

export const networkDisconnectBody = object({ Container: string, Force: boolean });
export type NetworkDisconnectBody = Decoded<typeof networkDisconnectBody>;

/** A network in a list or an inspect. */
export interface NetworkInspect {
  Name: string;
  Id: string;
  Created: string;
  Scope: string;
  Driver: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  IPAM: {
    Driver: string;
    Options: Record<string, string> | null;
    Config: Partial<IpamConfig>[] | null;
  };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: string };
  ConfigOnly: boolean;
  /** By the container's ID; empty in a list. */
  Containers: Record<string, NetworkMember>;
  Options: Record<string, string>;
  Labels: Record<string, string>;
}

/** A container that is in a network. */
export interface NetworkMember {
  Name: string;
  EndpointID: string;
  MacAddress: string;
  IPv4Address: string;
  IPv6Address: string;
}
