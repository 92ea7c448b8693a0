import type { EndpointSettings, NetworkInspect } from '@davit/api';
import type { EndpointRecord, NetworkRecord } from '../state/networks.ts';
import { formatAddress } from './ipv4.ts';

/** A container's place in a network as the API shows it. */
export function endpointSettings(network: NetworkRecord, endpoint: EndpointRecord): EndpointSettings {
  const hasAddress = endpoint.address !== 0;
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    MacAddress: endpoint.mac,
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: network.id,
    EndpointID: endpoint.id,
    Gateway: hasAddress ? network.gateway : '',
    IPAddress: hasAddress ? formatAddress(endpoint.address) : '',
    IPPrefixLen: hasAddress ? prefixOf(network) : 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: null,
  };
}

export function prefixOf(network: NetworkRecord): number {
  return Number(network.subnet.split('/')[1]);
}

/** A network as the API shows it, with the containers that are in it. */
export function networkInspect(
  network: NetworkRecord,
  members: { name: string; endpoint: EndpointRecord }[],
): NetworkInspect {
  const containers = members.map(({ name, endpoint }) => [
    endpoint.containerId,
    {
      Name: name,
      EndpointID: endpoint.id,
      MacAddress: endpoint.mac,
      IPv4Address: endpoint.address === 0 ? '' : `${formatAddress(endpoint.address)}/${prefixOf(network)}`,
      IPv6Address: '',
    },
  ]);
  const { subnet: Subnet, gateway: Gateway } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: Subnet === '' ? null : [{ Subnet, Gateway }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers),
    Options: network.driver === 'bridge' ? bridgeOptions(network) : {},
    Labels: {},
  };
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
