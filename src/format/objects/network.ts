import { timeType } from '../go/time.ts';
import { boolType, intType, mapOf, sliceOf, stringType, structOf } from '../go/value.ts';
import { strings, texts } from './basic.ts';

/** The answer to an inspect of a network. */
export const networkInspect = structOf('network.Inspect', {
  Name: stringType,
  ID: [stringType, 'Id'],
  Created: timeType,
  Scope: stringType,
  Driver: stringType,
  EnableIPv4: boolType,
  EnableIPv6: boolType,
  IPAM: structOf('network.IPAM', {
    Driver: stringType,
    Options: texts,
    Config: sliceOf(
      structOf('network.IPAMConfig', {
        Subnet: [stringType, ',omitempty'],
        IPRange: [stringType, ',omitempty'],
        Gateway: [stringType, ',omitempty'],
        AuxAddress: [texts, 'AuxiliaryAddresses,omitempty'],
      }),
    ),
  }),
  Internal: boolType,
  Attachable: boolType,
  Ingress: boolType,
  ConfigFrom: structOf('network.ConfigReference', { Network: stringType }),
  ConfigOnly: boolType,
  Containers: mapOf(
    structOf('network.EndpointResource', {
      Name: stringType,
      EndpointID: stringType,
      MacAddress: stringType,
      IPv4Address: stringType,
      IPv6Address: stringType,
    }),
  ),
  Options: texts,
  Labels: texts,
  Peers: [sliceOf(structOf('network.PeerInfo', { Name: stringType, IP: stringType })), ',omitempty'],
  Services: [
    mapOf(
      structOf('network.ServiceInfo', {
        VIP: stringType,
        Ports: strings,
        LocalLBIndex: intType,
        Tasks: sliceOf(
          structOf('network.Task', {
            Name: stringType,
            EndpointID: stringType,
            EndpointIP: stringType,
            Info: texts,
          }),
        ),
      }),
    ),
    ',omitempty',
  ],
});
