import { dynamicValue } from '../go/decode.ts';
import { encodeJson } from '../go/encode.ts';
import {
  anyType,
  arrayOf,
  boolType,
  embedded,
  int64Type,
  intType,
  makeValue,
  mapOf,
  pointerTo,
  sliceOf,
  stringType,
  structOf,
  type Type,
  type Value,
} from '../go/value.ts';
import { parseJson } from '../json.ts';
import { named, strings, texts } from './basic.ts';
import { swarm } from './swarm.ts';
import { clientVersion } from './version.ts';

const pairs = sliceOf(arrayOf(2, stringType));

/** A network as `10.0.0.0/8`, which docker's client keeps in parts. */
const networkAddress = pointerTo({
  kind: 'struct',
  name: 'registry.NetIPNet',
  fields: [{ name: 'IP', type: stringType, json: '', omitEmpty: false, embedded: false }],
  decode: (json) =>
    makeValue(networkAddress.element as Type, {
      IP: makeValue(stringType, typeof json === 'string' ? json : ''),
    }),
  describe: addressText,
  encode: (value) => `"${addressText(value)}"`,
});

function addressText(value: Value): string {
  const address = value.kind === 'struct' ? value.of.IP : undefined;
  return address?.kind === 'string' ? address.of : '';
}

const registryFields = structOf('registry.ServiceConfig', {
  AllowNondistributableArtifactsCIDRs: [sliceOf(networkAddress), ',omitempty'],
  AllowNondistributableArtifactsHostnames: [strings, ',omitempty'],
  InsecureRegistryCIDRs: sliceOf(networkAddress),
  IndexConfigs: mapOf(
    pointerTo(
      structOf('registry.IndexInfo', {
        Name: stringType,
        Mirrors: strings,
        Secure: boolType,
        Official: boolType,
      }),
    ),
  ),
  Mirrors: strings,
});

/** docker's client writes this one with all its keys sorted. */
const registryConfig: Type = {
  ...registryFields,
  encode: (value) => {
    const plain = encodeJson({ ...value, type: registryFields } as Value);
    return encodeJson(dynamicValue(parseJson(plain)));
  },
};

const commit = structOf('system.Commit', { ID: stringType, Expected: [stringType, ',omitempty'] });

const runtime = structOf('system.RuntimeWithStatus', {
  Runtime: embedded(
    structOf('system.Runtime', {
      Path: [stringType, 'path,omitempty'],
      Args: [strings, 'runtimeArgs,omitempty'],
      Type: [stringType, 'runtimeType,omitempty'],
      Options: [mapOf(anyType), 'options,omitempty'],
    }),
  ),
  Status: [texts, 'status,omitempty'],
});

const genericResource = structOf('swarm.GenericResource', {
  NamedResourceSpec: [
    pointerTo(
      structOf('swarm.NamedGenericResource', {
        Kind: [stringType, ',omitempty'],
        Value: [stringType, ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
  DiscreteResourceSpec: [
    pointerTo(
      structOf('swarm.DiscreteGenericResource', {
        Kind: [stringType, ',omitempty'],
        Value: [int64Type, ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
});

const systemInfo = structOf('system.Info', {
  ID: stringType,
  Containers: intType,
  ContainersRunning: intType,
  ContainersPaused: intType,
  ContainersStopped: intType,
  Images: intType,
  Driver: stringType,
  DriverStatus: pairs,
  SystemStatus: [pairs, ',omitempty'],
  Plugins: structOf('system.PluginsInfo', {
    Volume: strings,
    Network: strings,
    Authorization: strings,
    Log: strings,
  }),
  MemoryLimit: boolType,
  SwapLimit: boolType,
  KernelMemory: [boolType, ',omitempty'],
  KernelMemoryTCP: [boolType, ',omitempty'],
  CPUCfsPeriod: [boolType, 'CpuCfsPeriod'],
  CPUCfsQuota: [boolType, 'CpuCfsQuota'],
  CPUShares: boolType,
  CPUSet: boolType,
  PidsLimit: boolType,
  IPv4Forwarding: boolType,
  Debug: boolType,
  NFd: intType,
  OomKillDisable: boolType,
  NGoroutines: intType,
  SystemTime: stringType,
  LoggingDriver: stringType,
  CgroupDriver: stringType,
  CgroupVersion: [stringType, ',omitempty'],
  NEventsListener: intType,
  KernelVersion: stringType,
  OperatingSystem: stringType,
  OSVersion: stringType,
  OSType: stringType,
  Architecture: stringType,
  IndexServerAddress: stringType,
  RegistryConfig: pointerTo(registryConfig),
  NCPU: intType,
  MemTotal: int64Type,
  GenericResources: sliceOf(genericResource),
  DockerRootDir: stringType,
  HTTPProxy: [stringType, 'HttpProxy'],
  HTTPSProxy: [stringType, 'HttpsProxy'],
  NoProxy: stringType,
  Name: stringType,
  Labels: strings,
  ExperimentalBuild: boolType,
  ServerVersion: stringType,
  Runtimes: mapOf(runtime),
  DefaultRuntime: stringType,
  Swarm: swarm,
  LiveRestoreEnabled: boolType,
  Isolation: named('container.Isolation'),
  InitBinary: stringType,
  ContainerdCommit: commit,
  RuncCommit: commit,
  InitCommit: commit,
  SecurityOptions: strings,
  ProductLicense: [stringType, ',omitempty'],
  DefaultAddressPools: [
    sliceOf(structOf('system.NetworkAddressPool', { Base: stringType, Size: intType })),
    ',omitempty',
  ],
  FirewallBackend: [
    pointerTo(structOf('system.FirewallInfo', { Driver: stringType, Info: [pairs, ',omitempty'] })),
    ',omitempty',
  ],
  CDISpecDirs: strings,
  DiscoveredDevices: [
    sliceOf(structOf('system.DeviceInfo', { Source: stringType, ID: stringType })),
    ',omitempty',
  ],
  Containerd: [
    pointerTo(
      structOf('system.ContainerdInfo', {
        Address: [stringType, ',omitempty'],
        Namespaces: structOf('system.ContainerdNamespaces', { Containers: stringType, Plugins: stringType }),
      }),
    ),
    ',omitempty',
  ],
  Warnings: strings,
});

const plugin = structOf('manager.Plugin', {
  Metadata: embedded(
    structOf('metadata.Metadata', {
      SchemaVersion: [stringType, ',omitempty'],
      Vendor: [stringType, ',omitempty'],
      Version: [stringType, ',omitempty'],
      ShortDescription: [stringType, ',omitempty'],
      URL: [stringType, ',omitempty'],
    }),
  ),
  Name: [stringType, ',omitempty'],
  Path: [stringType, ',omitempty'],
  Err: [anyType, ',omitempty'],
  ShadowedPaths: [strings, ',omitempty'],
});

const clientInfo = structOf('system.clientInfo', {
  Debug: boolType,
  clientVersion: embedded(clientVersion),
  Plugins: sliceOf(plugin),
  Warnings: strings,
});

/** What `info` shows when it has not asked an engine. */
export const clientPart = structOf('system.dockerInfo', { ClientInfo: pointerTo(clientInfo) });

/** All that `info` shows: of the engine, with its parts on the first level, and of the client. */
export const dockerInfo = structOf('system.dockerInfo', {
  Info: embedded(pointerTo(systemInfo)),
  ServerErrors: [strings, ',omitempty'],
  UserName: [stringType, '-'],
  ClientInfo: [pointerTo(clientInfo), ',omitempty'],
  ClientErrors: [strings, ',omitempty'],
});
