import { dynamicValue } from '../go/decode.ts';
import { encodeJson } from '../go/encode.ts';
import { durationType } from '../go/time.ts';
import {
  anyType,
  arrayOf,
  basic,
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
import { bytes, meta, named, optionalInt64, strings, texts } from './basic.ts';

const pairs = sliceOf(arrayOf(2, stringType));
const uint64Type = basic('uint', 'uint64');
const uint32Type = basic('uint', 'uint32');

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

const clusterSpec = structOf('swarm.Spec', {
  Annotations: embedded(structOf('swarm.Annotations', { Name: [stringType, ',omitempty'], Labels: texts })),
  Orchestration: [
    structOf('swarm.OrchestrationConfig', { TaskHistoryRetentionLimit: [optionalInt64, ',omitempty'] }),
    ',omitempty',
  ],
  Raft: [
    structOf('swarm.RaftConfig', {
      SnapshotInterval: [uint64Type, ',omitempty'],
      KeepOldSnapshots: [pointerTo(uint64Type), ',omitempty'],
      LogEntriesForSlowFollowers: [uint64Type, ',omitempty'],
      ElectionTick: intType,
      HeartbeatTick: intType,
    }),
    ',omitempty',
  ],
  Dispatcher: [
    structOf('swarm.DispatcherConfig', { HeartbeatPeriod: [durationType, ',omitempty'] }),
    ',omitempty',
  ],
  CAConfig: [
    structOf('swarm.CAConfig', {
      NodeCertExpiry: [durationType, ',omitempty'],
      ExternalCAs: [
        sliceOf(
          pointerTo(
            structOf('swarm.ExternalCA', {
              Protocol: named('swarm.ExternalCAProtocol'),
              URL: stringType,
              Options: [texts, ',omitempty'],
              CACert: stringType,
            }),
          ),
        ),
        ',omitempty',
      ],
      SigningCACert: [stringType, ',omitempty'],
      SigningCAKey: [stringType, ',omitempty'],
      ForceRotate: [uint64Type, ',omitempty'],
    }),
    ',omitempty',
  ],
  TaskDefaults: [
    structOf('swarm.TaskDefaults', {
      LogDriver: [
        pointerTo(
          structOf('swarm.Driver', { Name: [stringType, ',omitempty'], Options: [texts, ',omitempty'] }),
        ),
        ',omitempty',
      ],
    }),
    ',omitempty',
  ],
  EncryptionConfig: [structOf('swarm.EncryptionConfig', { AutoLockManagers: boolType }), ',omitempty'],
});

const cluster = structOf('swarm.ClusterInfo', {
  ID: stringType,
  Meta: embedded(meta),
  Spec: clusterSpec,
  TLSInfo: structOf('swarm.TLSInfo', {
    TrustRoot: [stringType, ',omitempty'],
    CertIssuerSubject: [bytes, ',omitempty'],
    CertIssuerPublicKey: [bytes, ',omitempty'],
  }),
  RootRotationInProgress: boolType,
  DefaultAddrPool: strings,
  SubnetSize: uint32Type,
  DataPathPort: uint32Type,
});

const swarm = structOf('swarm.Info', {
  NodeID: stringType,
  NodeAddr: stringType,
  LocalNodeState: named('swarm.LocalNodeState'),
  ControlAvailable: boolType,
  Error: stringType,
  RemoteManagers: sliceOf(structOf('swarm.Peer', { NodeID: stringType, Addr: stringType })),
  Nodes: [intType, ',omitempty'],
  Managers: [intType, ',omitempty'],
  Cluster: [pointerTo(cluster), ',omitempty'],
  Warnings: [strings, ',omitempty'],
});

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

const clientVersion = structOf('system.clientVersion', {
  Platform: [pointerTo(structOf('system.platformInfo', { Name: [stringType, ',omitempty'] })), ',omitempty'],
  Version: [stringType, ',omitempty'],
  APIVersion: [stringType, 'ApiVersion,omitempty'],
  DefaultAPIVersion: [stringType, ',omitempty'],
  GitCommit: stringType,
  GoVersion: stringType,
  Os: stringType,
  Arch: stringType,
  BuildTime: [stringType, ',omitempty'],
  Context: stringType,
});

/** All that `info` shows: of the engine, with its parts on the first level, and of the client. */
export const dockerInfo = structOf('system.dockerInfo', {
  Info: embedded(pointerTo(systemInfo)),
  ServerErrors: [strings, ',omitempty'],
  UserName: [stringType, '-'],
  ClientInfo: [
    pointerTo(
      structOf('system.clientInfo', {
        Debug: boolType,
        clientVersion: embedded(clientVersion),
        Plugins: sliceOf(anyType, '[]manager.Plugin'),
        Warnings: strings,
      }),
    ),
    ',omitempty',
  ],
  ClientErrors: [strings, ',omitempty'],
});

const serverVersion = structOf('types.Version', {
  Platform: structOf('struct { Name string }', { Name: stringType }),
  Components: [
    sliceOf(
      structOf('types.ComponentVersion', {
        Name: stringType,
        Version: stringType,
        Details: [texts, ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
  Version: stringType,
  APIVersion: [stringType, 'ApiVersion'],
  MinAPIVersion: [stringType, ',omitempty'],
  GitCommit: stringType,
  GoVersion: stringType,
  Os: stringType,
  Arch: stringType,
  KernelVersion: [stringType, ',omitempty'],
  Experimental: [boolType, ',omitempty'],
  BuildTime: [stringType, ',omitempty'],
});

/** All that `version` shows; Server is nil when the engine was not reached. */
export const versionInfo = structOf('system.versionInfo', {
  Client: clientVersion,
  Server: pointerTo(serverVersion),
});

/** Something that happened, as `events` shows it. */
export const eventMessage = structOf('events.Message', {
  Status: [stringType, 'status,omitempty'],
  ID: [stringType, 'id,omitempty'],
  From: [stringType, 'from,omitempty'],
  Type: named('events.Type'),
  Action: named('events.Action'),
  Actor: structOf('events.Actor', { ID: stringType, Attributes: texts }),
  Scope: [stringType, 'scope,omitempty'],
  Time: [int64Type, 'time,omitempty'],
  TimeNano: [int64Type, 'timeNano,omitempty'],
});
