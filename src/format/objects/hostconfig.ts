import { display } from '../go/print.ts';
import {
  arrayOf,
  basic,
  boolType,
  embedded,
  int,
  int64Type,
  intType,
  type Method,
  mapOf,
  pointerTo,
  sliceOf,
  stringType,
  structOf,
  type Type,
  text,
  uintType,
  type Value,
} from '../go/value.ts';
import { named, optionalBool, optionalInt64, strings, texts, words } from './basic.ts';

const uint64Type = basic('uint', 'uint64');
const uint16Type = basic('uint', 'uint16');

/** A struct that says itself how it is shown. */
function described(type: Type, show: (fields: Record<string, string>) => string): Type {
  const describe = (value: Value) => {
    if (value.kind !== 'struct') return '';
    const fields = Object.entries(value.of).map(([name, field]) => [name, display(field)]);
    return show(Object.fromEntries(fields));
  };
  return { ...type, describe };
}

function ofPort(read: (number: string, protocol: string) => Value): Method {
  return {
    parameters: [],
    call: (port) => {
      const [number = '', protocol = 'tcp'] = port.kind === 'string' ? port.of.split('/') : [];
      return read(number, protocol);
    },
  };
}

/** A port with its protocol: `80/tcp`. */
export const port: Type = {
  ...named('nat.Port'),
  methods: {
    Port: ofPort((number) => text(number)),
    Proto: ofPort((_number, protocol) => text(protocol)),
    Int: ofPort((number) => int(Number.parseInt(number, 10) || 0)),
  },
};

export const portMap = mapOf(
  sliceOf(structOf('nat.PortBinding', { HostIP: [stringType, 'HostIp'], HostPort: stringType })),
  'nat.PortMap',
  port,
);

const throttle = pointerTo(
  described(
    structOf('blkiodev.ThrottleDevice', { Path: stringType, Rate: uint64Type }),
    ({ Path, Rate }) => `${Path}:${Rate}`,
  ),
);

const weight = pointerTo(
  described(
    structOf('blkiodev.WeightDevice', { Path: stringType, Weight: uint16Type }),
    ({ Path, Weight }) => `${Path}:${Weight}`,
  ),
);

const ulimit = pointerTo(
  described(
    structOf('units.Ulimit', { Name: stringType, Hard: int64Type, Soft: int64Type }),
    ({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`,
  ),
);

const fileMode: Type = {
  ...basic('uint', 'fs.FileMode'),
  describe: (value) => {
    const mode = value.kind === 'uint' ? Number(value.of) : 0;
    return `-${[...'rwxrwxrwx'].map((letter, place) => ((mode >> (8 - place)) & 1 ? letter : '-')).join('')}`;
  },
};

const mount = structOf('mount.Mount', {
  Type: [named('mount.Type'), ',omitempty'],
  Source: [stringType, ',omitempty'],
  Target: [stringType, ',omitempty'],
  ReadOnly: [boolType, ',omitempty'],
  Consistency: [named('mount.Consistency'), ',omitempty'],
  BindOptions: [
    pointerTo(
      structOf('mount.BindOptions', {
        Propagation: [named('mount.Propagation'), ',omitempty'],
        NonRecursive: [boolType, ',omitempty'],
        CreateMountpoint: [boolType, ',omitempty'],
        ReadOnlyNonRecursive: [boolType, ',omitempty'],
        ReadOnlyForceRecursive: [boolType, ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
  VolumeOptions: [
    pointerTo(
      structOf('mount.VolumeOptions', {
        NoCopy: [boolType, ',omitempty'],
        Labels: [texts, ',omitempty'],
        Subpath: [stringType, ',omitempty'],
        DriverConfig: [
          pointerTo(
            structOf('mount.Driver', { Name: [stringType, ',omitempty'], Options: [texts, ',omitempty'] }),
          ),
          ',omitempty',
        ],
      }),
    ),
    ',omitempty',
  ],
  ImageOptions: [
    pointerTo(structOf('mount.ImageOptions', { Subpath: [stringType, ',omitempty'] })),
    ',omitempty',
  ],
  TmpfsOptions: [
    pointerTo(
      structOf('mount.TmpfsOptions', {
        SizeBytes: [int64Type, ',omitempty'],
        Mode: [fileMode, ',omitempty'],
        Options: [sliceOf(strings), ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
  ClusterOptions: [pointerTo(structOf('mount.ClusterOptions', {})), ',omitempty'],
});

const resources = structOf('container.Resources', {
  CPUShares: [int64Type, 'CpuShares'],
  Memory: int64Type,
  NanoCPUs: [int64Type, 'NanoCpus'],
  CgroupParent: stringType,
  BlkioWeight: uint16Type,
  BlkioWeightDevice: sliceOf(weight),
  BlkioDeviceReadBps: sliceOf(throttle),
  BlkioDeviceWriteBps: sliceOf(throttle),
  BlkioDeviceReadIOps: sliceOf(throttle),
  BlkioDeviceWriteIOps: sliceOf(throttle),
  CPUPeriod: [int64Type, 'CpuPeriod'],
  CPUQuota: [int64Type, 'CpuQuota'],
  CPURealtimePeriod: [int64Type, 'CpuRealtimePeriod'],
  CPURealtimeRuntime: [int64Type, 'CpuRealtimeRuntime'],
  CpusetCpus: stringType,
  CpusetMems: stringType,
  Devices: sliceOf(
    structOf('container.DeviceMapping', {
      PathOnHost: stringType,
      PathInContainer: stringType,
      CgroupPermissions: stringType,
    }),
  ),
  DeviceCgroupRules: strings,
  DeviceRequests: sliceOf(
    structOf('container.DeviceRequest', {
      Driver: stringType,
      Count: intType,
      DeviceIDs: strings,
      Capabilities: sliceOf(strings),
      Options: texts,
    }),
  ),
  KernelMemory: [int64Type, ',omitempty'],
  KernelMemoryTCP: [int64Type, ',omitempty'],
  MemoryReservation: int64Type,
  MemorySwap: int64Type,
  MemorySwappiness: optionalInt64,
  OomKillDisable: optionalBool,
  PidsLimit: optionalInt64,
  Ulimits: sliceOf(ulimit),
  CPUCount: [int64Type, 'CpuCount'],
  CPUPercent: [int64Type, 'CpuPercent'],
  IOMaximumIOps: uint64Type,
  IOMaximumBandwidth: uint64Type,
});

export const hostConfig = structOf('container.HostConfig', {
  Binds: strings,
  ContainerIDFile: stringType,
  LogConfig: structOf('container.LogConfig', { Type: stringType, Config: texts }),
  NetworkMode: named('container.NetworkMode'),
  PortBindings: portMap,
  RestartPolicy: structOf('container.RestartPolicy', {
    Name: named('container.RestartPolicyMode'),
    MaximumRetryCount: intType,
  }),
  AutoRemove: boolType,
  VolumeDriver: stringType,
  VolumesFrom: strings,
  ConsoleSize: arrayOf(2, uintType),
  Annotations: [texts, ',omitempty'],
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: named('container.CgroupnsMode'),
  DNS: [strings, 'Dns'],
  DNSOptions: [strings, 'DnsOptions'],
  DNSSearch: [strings, 'DnsSearch'],
  ExtraHosts: strings,
  GroupAdd: strings,
  IpcMode: named('container.IpcMode'),
  Cgroup: named('container.CgroupSpec'),
  Links: strings,
  OomScoreAdj: intType,
  PidMode: named('container.PidMode'),
  Privileged: boolType,
  PublishAllPorts: boolType,
  ReadonlyRootfs: boolType,
  SecurityOpt: strings,
  StorageOpt: [texts, ',omitempty'],
  Tmpfs: [texts, ',omitempty'],
  UTSMode: named('container.UTSMode'),
  UsernsMode: named('container.UsernsMode'),
  ShmSize: int64Type,
  Sysctls: [texts, ',omitempty'],
  Runtime: [stringType, ',omitempty'],
  Isolation: named('container.Isolation'),
  Resources: embedded(resources),
  Mounts: [sliceOf(mount), ',omitempty'],
  MaskedPaths: strings,
  ReadonlyPaths: strings,
  Init: [optionalBool, ',omitempty'],
});
