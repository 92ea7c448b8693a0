import { durationType, timeType } from '../go/time.ts';
import { boolType, embedded, intType, mapOf, pointerTo, sliceOf, stringType, structOf } from '../go/value.ts';
import { descriptor, driverData, emptyStruct, named, optionalInt64, strings, texts, words } from './basic.ts';
import { hostConfig, port, portMap } from './hostconfig.ts';

export const healthcheck = structOf('v1.HealthcheckConfig', {
  Test: [strings, ',omitempty'],
  Interval: [durationType, ',omitempty'],
  Timeout: [durationType, ',omitempty'],
  StartPeriod: [durationType, ',omitempty'],
  StartInterval: [durationType, ',omitempty'],
  Retries: [intType, ',omitempty'],
});

export const containerConfig = structOf('container.Config', {
  Hostname: stringType,
  Domainname: stringType,
  User: stringType,
  AttachStdin: boolType,
  AttachStdout: boolType,
  AttachStderr: boolType,
  ExposedPorts: [mapOf(emptyStruct, 'nat.PortSet', port), ',omitempty'],
  Tty: boolType,
  OpenStdin: boolType,
  StdinOnce: boolType,
  Env: strings,
  Cmd: words,
  Healthcheck: [pointerTo(healthcheck), ',omitempty'],
  ArgsEscaped: [boolType, ',omitempty'],
  Image: stringType,
  Volumes: mapOf(emptyStruct),
  WorkingDir: stringType,
  Entrypoint: words,
  NetworkDisabled: [boolType, ',omitempty'],
  MacAddress: [stringType, ',omitempty'],
  OnBuild: strings,
  Labels: texts,
  StopSignal: [stringType, ',omitempty'],
  StopTimeout: [pointerTo(intType), ',omitempty'],
  Shell: [words, ',omitempty'],
});

const health = structOf('container.Health', {
  Status: stringType,
  FailingStreak: intType,
  Log: sliceOf(
    pointerTo(
      structOf('container.HealthcheckResult', {
        Start: timeType,
        End: timeType,
        ExitCode: intType,
        Output: stringType,
      }),
    ),
  ),
});

const state = structOf('container.State', {
  Status: stringType,
  Running: boolType,
  Paused: boolType,
  Restarting: boolType,
  OOMKilled: boolType,
  Dead: boolType,
  Pid: intType,
  ExitCode: intType,
  Error: stringType,
  StartedAt: stringType,
  FinishedAt: stringType,
  Health: [pointerTo(health), ',omitempty'],
});

const base = structOf('container.ContainerJSONBase', {
  ID: [stringType, 'Id'],
  Created: stringType,
  Path: stringType,
  Args: strings,
  State: pointerTo(state),
  Image: stringType,
  ResolvConfPath: stringType,
  HostnamePath: stringType,
  HostsPath: stringType,
  LogPath: stringType,
  Name: stringType,
  RestartCount: intType,
  Driver: stringType,
  Platform: stringType,
  MountLabel: stringType,
  ProcessLabel: stringType,
  AppArmorProfile: stringType,
  ExecIDs: strings,
  HostConfig: pointerTo(hostConfig),
  GraphDriver: driverData,
  SizeRw: [optionalInt64, ',omitempty'],
  SizeRootFs: [optionalInt64, ',omitempty'],
});

const mountPoint = structOf('container.MountPoint', {
  Type: [named('mount.Type'), ',omitempty'],
  Name: [stringType, ',omitempty'],
  Source: stringType,
  Destination: stringType,
  Driver: [stringType, ',omitempty'],
  Mode: stringType,
  RW: boolType,
  Propagation: named('mount.Propagation'),
});

const endpoint = structOf('network.EndpointSettings', {
  IPAMConfig: pointerTo(
    structOf('network.EndpointIPAMConfig', {
      IPv4Address: [stringType, ',omitempty'],
      IPv6Address: [stringType, ',omitempty'],
      LinkLocalIPs: [strings, ',omitempty'],
    }),
  ),
  Links: strings,
  Aliases: strings,
  MacAddress: stringType,
  DriverOpts: texts,
  GwPriority: intType,
  NetworkID: stringType,
  EndpointID: stringType,
  Gateway: stringType,
  IPAddress: stringType,
  IPPrefixLen: intType,
  IPv6Gateway: stringType,
  GlobalIPv6Address: stringType,
  GlobalIPv6PrefixLen: intType,
  DNSNames: strings,
});

const addresses = sliceOf(structOf('network.Address', { Addr: stringType, PrefixLen: intType }));

const networkSettings = structOf('container.NetworkSettings', {
  NetworkSettingsBase: embedded(
    structOf('container.NetworkSettingsBase', {
      Bridge: stringType,
      SandboxID: stringType,
      SandboxKey: stringType,
      Ports: portMap,
      HairpinMode: boolType,
      LinkLocalIPv6Address: stringType,
      LinkLocalIPv6PrefixLen: intType,
      SecondaryIPAddresses: addresses,
      SecondaryIPv6Addresses: addresses,
    }),
  ),
  DefaultNetworkSettings: embedded(
    structOf('container.DefaultNetworkSettings', {
      EndpointID: stringType,
      Gateway: stringType,
      GlobalIPv6Address: stringType,
      GlobalIPv6PrefixLen: intType,
      IPAddress: stringType,
      IPPrefixLen: intType,
      IPv6Gateway: stringType,
      MacAddress: stringType,
    }),
  ),
  Networks: mapOf(pointerTo(endpoint)),
});

/** The answer to an inspect of a container. */
export const containerInspect = structOf('container.InspectResponse', {
  ContainerJSONBase: embedded(pointerTo(base)),
  Mounts: sliceOf(mountPoint),
  Config: pointerTo(containerConfig),
  NetworkSettings: pointerTo(networkSettings),
  ImageManifestDescriptor: [pointerTo(descriptor), ',omitempty'],
});
