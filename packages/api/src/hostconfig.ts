import {
  boolean,
  type Decoded,
  empty,
  integer,
  list,
  map,
  object,
  optional,
  string,
  words,
} from './shape.ts';

const throttleDevice = object({ Path: string, Rate: integer });

const portBinding = object({ HostIp: string, HostPort: string });
export type PortBinding = Decoded<typeof portBinding>;

/** Container ports ("80/tcp") and what they are bound to on the host. */
export const portMap = map(list(portBinding));
export type PortMap = Record<string, PortBinding[] | null>;

const mount = object({
  Type: string,
  Source: string,
  Target: string,
  ReadOnly: boolean,
  Consistency: string,
  BindOptions: optional(
    object({
      Propagation: string,
      NonRecursive: boolean,
      CreateMountpoint: boolean,
      ReadOnlyNonRecursive: boolean,
      ReadOnlyForceRecursive: boolean,
    }),
  ),
  VolumeOptions: optional(
    object({
      NoCopy: boolean,
      Labels: map(string),
      DriverConfig: optional(object({ Name: string, Options: map(string) })),
      Subpath: string,
    }),
  ),
  ImageOptions: optional(object({ Subpath: string })),
  TmpfsOptions: optional(object({ SizeBytes: integer, Mode: integer, Options: list(list(string)) })),
});
export type Mount = Decoded<typeof mount>;

const restartPolicy = object({ Name: string, MaximumRetryCount: integer });

/** What a container may use of the machine; the part of HostConfig that `update` can change. */
const resourceFields = {
  CpuShares: integer,
  Memory: integer,
  NanoCpus: integer,
  CgroupParent: string,
  BlkioWeight: integer,
  BlkioWeightDevice: list(object({ Path: string, Weight: integer })),
  BlkioDeviceReadBps: list(throttleDevice),
  BlkioDeviceWriteBps: list(throttleDevice),
  BlkioDeviceReadIOps: list(throttleDevice),
  BlkioDeviceWriteIOps: list(throttleDevice),
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: string,
  CpusetMems: string,
  Devices: list(object({ PathOnHost: string, PathInContainer: string, CgroupPermissions: string })),
  DeviceCgroupRules: list(string),
  DeviceRequests: list(
    object({
      Driver: string,
      Count: integer,
      DeviceIDs: list(string),
      Capabilities: list(list(string)),
      Options: map(string),
    }),
  ),
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: optional(integer),
  OomKillDisable: optional(boolean),
  PidsLimit: optional(integer),
  Ulimits: list(object({ Name: string, Hard: integer, Soft: integer })),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
};

export const resources = object(resourceFields);
export type Resources = Decoded<typeof resources>;

/** HostConfig of the Engine API, in the order of dockerd's own struct. */
export const hostConfig = object({
  Binds: list(string),
  ContainerIDFile: string,
  LogConfig: object({ Type: string, Config: map(string) }),
  NetworkMode: string,
  PortBindings: portMap,
  RestartPolicy: restartPolicy,
  AutoRemove: boolean,
  VolumeDriver: string,
  VolumesFrom: list(string),
  ConsoleSize: list(integer),
  Annotations: map(string),
  CapAdd: list(string),
  CapDrop: list(string),
  CgroupnsMode: string,
  Dns: list(string),
  DnsOptions: list(string),
  DnsSearch: list(string),
  ExtraHosts: list(string),
  GroupAdd: list(string),
  IpcMode: string,
  Cgroup: string,
  Links: list(string),
  OomScoreAdj: integer,
  PidMode: string,
  Privileged: boolean,
  PublishAllPorts: boolean,
  ReadonlyRootfs: boolean,
  SecurityOpt: list(string),
  StorageOpt: map(string),
  Tmpfs: map(string),
  UTSMode: string,
  UsernsMode: string,
  ShmSize: integer,
  Sysctls: map(string),
  Runtime: string,
  Isolation: string,
  ...resourceFields,
  Mounts: list(mount),
  MaskedPaths: list(string),
  ReadonlyPaths: list(string),
  Init: optional(boolean),
});
export type HostConfig = Decoded<typeof hostConfig>;

const healthcheck = object({
  Test: list(string),
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

/** Config of the Engine API: what runs in a container, apart from the machine it runs on. */
export const containerConfig = object({
  Hostname: string,
  Domainname: string,
  User: string,
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ExposedPorts: map(empty),
  Tty: boolean,
  OpenStdin: boolean,
  StdinOnce: boolean,
  Env: list(string),
  Cmd: words,
  Healthcheck: optional(healthcheck),
  ArgsEscaped: boolean,
  Image: string,
  Volumes: map(empty),
  WorkingDir: string,
  Entrypoint: words,
  NetworkDisabled: boolean,
  MacAddress: string,
  OnBuild: list(string),
  Labels: map(string),
  StopSignal: string,
  StopTimeout: optional(integer),
  Shell: list(string),
});
export type ContainerConfig = Decoded<typeof containerConfig>;
