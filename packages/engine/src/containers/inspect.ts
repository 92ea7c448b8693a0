import type {
  ContainerConfig,
  ContainerInspect,
  ContainerSummary,
  EndpointSettings,
  HostConfig,
  NetworkSettings,
  PortMap,
  PortSummary,
} from '@davit/api';
import { parseTime } from '../clock.ts';
import type { Sandbox } from '../networks/service.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';
import { filesIn } from './files.ts';
import { presentLinks } from './links.ts';
import { describeMount } from './mounts.ts';
import { endpointsOf } from './networks.ts';
import { describeCommand, describeStatus, presentState } from './status.ts';
import { never } from './times.ts';

/** Leaves out what dockerd leaves out when it is empty. */
function withoutEmpty<T extends object>(value: T, fields: (keyof T)[]): T {
  const isEmpty = (field: unknown) =>
    !field || (typeof field === 'object' && Object.keys(field).length === 0);
  const entries = Object.entries(value).filter(
    ([name, field]) => !(fields.includes(name as keyof T) && isEmpty(field)),
  );
  return Object.fromEntries(entries) as T;
}

const presentConfig = (config: ContainerConfig): ContainerConfig =>
  withoutEmpty(config, [
    ...(['ExposedPorts', 'Healthcheck', 'ArgsEscaped', 'NetworkDisabled', 'MacAddress'] as const),
    ...(['StopSignal', 'StopTimeout', 'Shell'] as const),
  ]);

const presentHostConfig = (hostConfig: HostConfig): HostConfig =>
  withoutEmpty(hostConfig, ['Annotations', 'StorageOpt', 'Tmpfs', 'Sysctls', 'Mounts', 'Init']);

/** The networks of a container: while it runs what it has in them, else what it asked for. */
export function networksOf(
  record: ContainerRecord,
  sandbox: Sandbox | null,
): Record<string, EndpointSettings> {
  // One that has left all its networks has a namespace all the same.
  const isConnected = sandbox && (sandbox.key !== '' || Object.keys(sandbox.networks).length > 0);
  return isConnected ? sandbox.networks : endpointsOf(record);
}

/** The ports of a container as a list: one line for each address that it is bound to. */
export function listPorts(ports: PortMap): PortSummary[] {
  return Object.entries(ports).flatMap(([port, bindings]) => {
    const [number, Type = 'tcp'] = port.split('/');
    const PrivatePort = Number(number);
    // One that is reached by a route has no port of the host.
    const bound = bindings?.filter(({ HostPort }) => HostPort !== '') ?? [];
    if (bound.length === 0) return [{ PrivatePort, Type }];
    return bound.map(({ HostIp, HostPort }) => ({
      IP: HostIp,
      PrivatePort,
      PublicPort: Number(HostPort),
      Type,
    }));
  });
}

function presentNetwork(record: ContainerRecord, sandbox: Sandbox | null): NetworkSettings {
  const networks = networksOf(record, sandbox);
  const { bridge } = networks;
  return {
    Bridge: '',
    SandboxID: sandbox ? record.id : '',
    SandboxKey: sandbox?.key ?? '',
    Ports: sandbox?.ports ?? {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: networks,
  };
}

/** Everything about a container, as GET /containers/{name}/json tells it. */
export function inspectContainer(
  context: Context,
  record: ContainerRecord,
  execs: string[],
): ContainerInspect {
  const { id } = record;
  const hasRun = record.state.startedAt !== never;
  const files = filesIn(context.folder(id));
  return {
    Id: id,
    Created: record.created,
    Path: record.path,
    Args: [...record.args],
    State: presentState(record),
    Image: record.imageId,
    ResolvConfPath: hasRun ? files.resolv : '',
    HostnamePath: hasRun ? files.hostname : '',
    HostsPath: hasRun ? files.hosts : '',
    LogPath: hasRun && record.hostConfig.LogConfig.Type === 'json-file' ? context.logs.path(id) : '',
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execs.length > 0 ? execs : null,
    HostConfig: {
      ...presentHostConfig(record.hostConfig),
      Links: presentLinks(context.store, record) ?? record.hostConfig.Links,
    },
    GraphDriver: { Name: 'overlay2', Data: context.roots.describe(id, [...record.layers]) },
    Mounts: record.mounts.map(describeMount),
    Config: presentConfig(record.config),
    NetworkSettings: presentNetwork(record, context.networks.describe(id)),
  };
}

/**
 * One line of GET /containers/json. `image` is what the container's image is called now, `links` what others call
 * the container.
 */
export function summarize(
  record: ContainerRecord,
  sandbox: Sandbox | null,
  image: string,
  at: bigint,
  links: readonly string[] = [],
): ContainerSummary {
  return {
    Id: record.id,
    Names: [`/${record.name}`, ...links],
    Image: image,
    ImageID: record.imageId,
    Command: describeCommand(record),
    Created: Number((parseTime(record.created) ?? 0n) / 1_000_000_000n),
    Ports: listPorts(sandbox?.ports ?? {}),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: describeStatus(record.state, at),
    HostConfig: { NetworkMode: record.hostConfig.NetworkMode },
    NetworkSettings: { Networks: networksOf(record, sandbox) },
    Mounts: record.mounts.map(describeMount),
  };
}
