import type { ContainerCreateBody } from '@davit/api';
import type { DeepPartial } from '../../../http/client.ts';
import { splitPair } from '../../values.ts';
import { collectEnvironment, collectLabels } from './environment.ts';
import type { CreateOptions } from './flags.ts';
import { parseTmpfs, parseVolumes } from './mounts.ts';
import { collectNetworks, isMacAddress } from './networks.ts';
import { collectHealth, collectLogOptions, collectStorageOptions, parseRestart } from './policies.ts';
import { parsePorts } from './ports.ts';
import { parseDevice } from './resources.ts';
import { capabilityNames, checkMode, parseSecurity } from './security.ts';

type Body = DeepPartial<ContainerCreateBody>;

/** What the flags do not say: the image and its command, and this machine's part. */
export interface RequestSources {
  image: string;
  command: string[];
  environment: Readonly<Record<string, string | undefined>>;
  /** Variables from the configuration, for which the flags' own win. */
  proxies: Record<string, string>;
  /** Rows and columns of the terminal. */
  consoleSize: [number, number];
}

/** Which streams of the container are attached. */
export interface Streams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** The streams that the flags attach: those that are named, else both outputs, and input with -i. */
export function attachedStreams({ attach, interactive }: CreateOptions): Streams {
  const all = attach.length === 0;
  return {
    stdin: interactive || attach.includes('stdin'),
    stdout: all || attach.includes('stdout'),
    stderr: all || attach.includes('stderr'),
  };
}

/** The body of a create request. Throws in docker's words when the flags cannot be meant. */
export function createRequest(options: CreateOptions, sources: RequestSources): Body {
  checkNumbers(options);
  return {
    ...containerConfig(options, sources),
    HostConfig: hostConfig(options, sources),
    ...networking(options),
  };
}

function checkNumbers({ memorySwappiness, macAddress }: CreateOptions): void {
  if (macAddress && !isMacAddress(macAddress)) throw new Error(`${macAddress} is not a valid mac address`);
  if (memorySwappiness !== -1 && (memorySwappiness < 0 || memorySwappiness > 100)) {
    throw new Error(`invalid value: ${memorySwappiness}. Valid memory swappiness range is 0-100`);
  }
}

function containerConfig(options: CreateOptions, sources: RequestSources): Body {
  const { interactive, entrypoint, stopTimeout } = options;
  const streams = attachedStreams(options);
  return {
    Hostname: options.hostname,
    Domainname: options.domainname,
    User: options.user,
    AttachStdin: streams.stdin,
    AttachStdout: streams.stdout,
    AttachStderr: streams.stderr,
    ExposedPorts: parsePorts(options.publish, options.expose).exposed,
    Tty: options.tty,
    OpenStdin: interactive,
    StdinOnce: interactive && streams.stdin,
    Env: [
      ...proxyVariables(options, sources),
      ...collectEnvironment(options.envFile, options.env, sources.environment),
    ],
    Cmd: sources.command.length > 0 ? sources.command : null,
    Healthcheck: collectHealth(options),
    Image: sources.image,
    Volumes: parseVolumes(options.volume).anonymous,
    WorkingDir: options.workdir,
    // An empty entrypoint takes the image's away.
    Entrypoint: entrypoint === undefined ? null : [entrypoint],
    MacAddress: options.macAddress,
    Labels: collectLabels(options.labelFile, options.label),
    StopSignal: options.stopSignal,
    StopTimeout: stopTimeout,
  };
}

function proxyVariables({ env }: CreateOptions, { proxies }: RequestSources): string[] {
  const named = new Set(env.map((one) => splitPair(one)[0]));
  return Object.entries(proxies).flatMap(([name, value]) => (named.has(name) ? [] : [`${name}=${value}`]));
}

function hostConfig(options: CreateOptions, { consoleSize }: RequestSources): Body['HostConfig'] {
  const restart = parseRestart(options.restart);
  if (options.rm && !['', 'no'].includes(restart.Name)) {
    throw new Error('conflicting options: cannot specify both --restart and --rm');
  }
  const { bindings } = parsePorts(options.publish, options.expose);
  const pid = checkMode('pid', options.pid ?? '');
  const uts = checkMode('uts', options.uts ?? '');
  const userns = checkMode('userns', options.userns ?? '');
  const cgroupns = checkMode('cgroupns', options.cgroupns ?? '');
  const security = parseSecurity(options.securityOpt);
  return {
    Binds: orNull(parseVolumes(options.volume).binds),
    ContainerIDFile: options.cidfile,
    LogConfig: {
      Type: options.logDriver,
      Config: collectLogOptions(options.logDriver ?? '', options.logOpt),
    },
    NetworkMode: networks(options).mode,
    PortBindings: bindings,
    RestartPolicy: restart,
    AutoRemove: options.rm,
    VolumeDriver: options.volumeDriver,
    VolumesFrom: orNull(options.volumesFrom),
    ConsoleSize: consoleSize,
    Annotations: options.annotation,
    CapAdd: orNull(capabilityNames(options.capAdd)),
    CapDrop: orNull(capabilityNames(options.capDrop)),
    CgroupnsMode: cgroupns,
    Dns: options.dns,
    DnsOptions: [...options.dnsOption, ...options.dnsOpt],
    DnsSearch: options.dnsSearch,
    ExtraHosts: orNull(options.addHost),
    GroupAdd: orNull(options.groupAdd),
    IpcMode: options.ipc,
    Links: options.link,
    OomScoreAdj: options.oomScoreAdj,
    PidMode: pid,
    Privileged: options.privileged,
    PublishAllPorts: options.publishAll,
    ReadonlyRootfs: options.readOnly,
    SecurityOpt: orNull(security.options),
    StorageOpt: collectStorageOptions(options.storageOpt),
    Tmpfs: parseTmpfs(options.tmpfs),
    UTSMode: uts,
    UsernsMode: userns,
    ShmSize: options.shmSize,
    Sysctls: Object.fromEntries(options.sysctl.map(splitPair)),
    Runtime: options.runtime,
    Isolation: options.isolation,
    Mounts: options.mount as NonNullable<NonNullable<Body['HostConfig']>['Mounts']>,
    MaskedPaths: security.maskedPaths,
    ReadonlyPaths: security.readonlyPaths,
    Init: options.init,
    ...resources(options),
  };
}

function resources(options: CreateOptions): Body['HostConfig'] {
  return {
    CpuShares: options.cpuShares,
    Memory: options.memory,
    NanoCpus: options.cpus,
    CgroupParent: options.cgroupParent,
    BlkioWeight: options.blkioWeight,
    BlkioWeightDevice: options.blkioWeightDevice,
    BlkioDeviceReadBps: options.deviceReadBps,
    BlkioDeviceWriteBps: options.deviceWriteBps,
    BlkioDeviceReadIOps: options.deviceReadIops,
    BlkioDeviceWriteIOps: options.deviceWriteIops,
    CpuPeriod: options.cpuPeriod,
    CpuQuota: options.cpuQuota,
    CpuRealtimePeriod: options.cpuRtPeriod,
    CpuRealtimeRuntime: options.cpuRtRuntime,
    CpusetCpus: options.cpusetCpus,
    CpusetMems: options.cpusetMems,
    Devices: options.device.map(parseDevice),
    DeviceCgroupRules: orNull(options.deviceCgroupRule),
    DeviceRequests: orNull(options.gpus),
    MemoryReservation: options.memoryReservation,
    MemorySwap: options.memorySwap,
    MemorySwappiness: options.memorySwappiness,
    OomKillDisable: options.oomKillDisable,
    PidsLimit: options.pidsLimit,
    Ulimits: uniqueByName(options.ulimit),
    CpuCount: options.cpuCount,
    CpuPercent: options.cpuPercent,
    IOMaximumIOps: options.ioMaxiops,
    IOMaximumBandwidth: options.ioMaxbandwidth,
  };
}

/** The lists that docker's client leaves null when they are empty; engines show them again as they came. */
function orNull<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

function uniqueByName<T extends { Name: string }>(items: T[]): T[] {
  return [...new Map(items.map((item) => [item.Name, item])).values()];
}

function networks(options: CreateOptions) {
  return collectNetworks([...options.net, ...options.network], {
    ...options,
    networkAlias: [...options.netAlias, ...options.networkAlias],
  });
}

function networking(options: CreateOptions): Body {
  const { endpoints } = networks(options);
  if (Object.keys(endpoints).length === 0) return {};
  return {
    NetworkingConfig: {
      EndpointsConfig: endpoints as NonNullable<ContainerCreateBody['NetworkingConfig']['EndpointsConfig']>,
    },
  };
}
