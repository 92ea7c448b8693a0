import type { EndpointSettings, IpamConfig, NetworkInspect } from '@davit/api';
import type { EndpointRecord, EndpointWishes, NetworkRecord } from '../state/networks.ts';
import { formatAddress } from './ipv4.ts';

/** A container's place in a network as the API shows it. */
export function endpointSettings(network: NetworkRecord, endpoint: EndpointRecord): EndpointSettings {
  const { address, address6, wishes } = endpoint;
  return {
    ...askedSettings(wishes),
    MacAddress: endpoint.mac,
    NetworkID: network.id,
    EndpointID: endpoint.id,
    Gateway: address !== 0 && !network.wishes.internal ? network.gateway : '',
    IPAddress: address === 0 ? '' : formatAddress(address),
    IPPrefixLen: address === 0 ? 0 : prefixOf(network),
    IPv6Gateway: address6 !== '' && !network.wishes.internal ? network.gateway6 : '',
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: address6 === '' ? 0 : Number(network.subnet6.split('/')[1]),
  };
}

/** What a container asked for in a network, and nothing that it got. */
function askedSettings(wishes: EndpointWishes): EndpointSettings {
  const { ipv4, ipv6, linkLocal } = wishes;
  const orNull = <T>(list: readonly T[]) => (list.length > 0 ? [...list] : null);
  const options = wishes.driverOptions;
  return {
    IPAMConfig:
      ipv4 || ipv6 || linkLocal.length > 0
        ? { IPv4Address: ipv4, IPv6Address: ipv6, LinkLocalIPs: orNull(linkLocal) }
        : null,
    Links: orNull(wishes.links),
    Aliases: orNull(wishes.aliases),
    MacAddress: wishes.mac,
    DriverOpts: Object.keys(options).length > 0 ? { ...options } : null,
    GwPriority: wishes.gatewayPriority,
    ...{ NetworkID: '', EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0 },
    ...{ IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0 },
    DNSNames: orNull(wishes.dnsNames),
  };
}

/** Reads what is asked for in a network, with the names that the container is to have there. */
export function wishesOf(
  settings: EndpointSettings | null | undefined,
  dnsNames: readonly string[],
): EndpointWishes {
  const { IPAMConfig } = settings ?? {};
  return {
    aliases: settings?.Aliases ?? [],
    links: settings?.Links ?? [],
    ipv4: IPAMConfig?.IPv4Address ?? '',
    ipv6: IPAMConfig?.IPv6Address ?? '',
    linkLocal: IPAMConfig?.LinkLocalIPs ?? [],
    mac: settings?.MacAddress ?? '',
    driverOptions: settings?.DriverOpts ?? {},
    gatewayPriority: settings?.GwPriority ?? 0,
    dnsNames,
  };
}

export function prefixOf(network: NetworkRecord): number {
  return Number(network.subnet.split('/')[1]);
}

/** A container in a network. */
export interface NetworkMember {
  /** The container's. */
  name: string;
  endpoint: EndpointRecord;
}

/** A network as the API shows it, with the containers that are in it. */
export function networkInspect(network: NetworkRecord, members: NetworkMember[]): NetworkInspect {
  const containers = members.map(({ name, endpoint }) => [
    endpoint.containerId,
    {
      Name: name,
      EndpointID: endpoint.id,
      MacAddress: endpoint.mac,
      IPv4Address: endpoint.address === 0 ? '' : `${formatAddress(endpoint.address)}/${prefixOf(network)}`,
      IPv6Address: endpoint.address6 === '' ? '' : `${endpoint.address6}/${network.subnet6.split('/')[1]}`,
    },
  ]);
  const { wishes } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: wishes.enableIPv4,
    EnableIPv6: wishes.enableIPv6,
    IPAM: {
      Driver: 'default',
      Options: isPredefined(network) ? null : { ...wishes.ipamOptions },
      Config: ipamOf(network),
    },
    Internal: wishes.internal,
    Attachable: wishes.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers),
    Options: network.name === 'bridge' ? bridgeOptions(network) : { ...wishes.options },
    Labels: { ...wishes.labels },
  };
}

/** Whether a network is one of those that are always there. */
export function isPredefined({ name }: Pick<NetworkRecord, 'name'>): boolean {
  return ['bridge', 'host', 'none'].includes(name);
}

/** As it was asked for; what was not, as it was chosen. */
function ipamOf({
  subnet,
  gateway,
  subnet6,
  gateway6,
  wishes,
}: NetworkRecord): NetworkInspect['IPAM']['Config'] {
  const asked = (isOfIPv6: boolean) =>
    wishes.ipam.filter((one) => one.Subnet && one.Subnet.includes(':') === isOfIPv6);
  const kinds: [Partial<IpamConfig>[], string, string][] = [
    [asked(false), subnet, gateway],
    [asked(true), subnet6, gateway6],
  ];
  const all = kinds.flatMap(([given, Subnet, Gateway]) => {
    if (given.length === 0) return Subnet === '' ? [] : [{ Subnet, Gateway }];
    return given.map(({ Subnet, IPRange, Gateway, AuxiliaryAddresses }) => ({
      Subnet,
      ...(IPRange && { IPRange }),
      ...(Gateway && { Gateway }),
      ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length > 0 && { AuxiliaryAddresses }),
    }));
  });
  return all.length > 0 ? all : null;
}

function bridgeOptions(network: NetworkRecord): Record<string, string> {
  return {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.bridge.name': network.bridge,
    'com.docker.network.driver.mtu': '1500',
  };
}
