import { FlagValueError, flag, type OptionsOf } from '../../flag.ts';
import { parseGpus } from './gpus.ts';
import { parseMount } from './mounts.ts';
import { type NetworkChoice, parseNetwork } from './networks.ts';
import {
  checkDeviceRule,
  parseCpus,
  parseDeviceOperations,
  parseDeviceRate,
  parseDeviceWeight,
  parseSwap,
  parseUlimit,
} from './resources.ts';
import {
  checkAddress,
  checkDomain,
  checkEnvironment,
  checkExtraHost,
  checkLabel,
  checkLink,
  checkStream,
  checkSysctl,
} from './values.ts';

const storage = { group: 'Files and volumes' };
const network = { group: 'Network' };
const resources = { group: 'Resources' };
const security = { group: 'Security and isolation' };
const health = { group: 'Health and logs' };

/** A list whose items are checked, and perhaps rewritten, one by one. */
export function checkedList(check: (text: string) => string) {
  return {
    type: 'list',
    default: [] as string[],
    parse: (text: string, all: string[]) => [...all, check(text)],
  };
}

/** A list of values that are more than texts. */
function listOf<T>(type: string, read: (text: string) => T) {
  return { type, default: [] as T[], parse: (text: string, all: T[]) => [...all, read(text)] };
}

function weight(text: string): number {
  const shown = JSON.stringify(text);
  if (!/^\d+$/.test(text)) throw new FlagValueError(`strconv.ParseUint: parsing ${shown}: invalid syntax`);
  if (Number(text) > 65_535)
    throw new FlagValueError(`strconv.ParseUint: parsing ${shown}: value out of range`);
  return Number(text);
}

/** A flag that docker has and that cannot do its work here: refused when it is given, and not shown. */
function refused(name: string, why: string) {
  return {
    name,
    hidden: true,
    summary: why,
    type: 'string',
    default: undefined,
    parse: (): undefined => {
      throw new FlagValueError(why);
    },
  };
}

const swap = (text: string) => {
  try {
    return parseSwap(text);
  } catch (error) {
    throw new FlagValueError((error as Error).message);
  }
};

/** The flags of `create`, all of which `run` has too. */
export const createFlags = {
  name: flag.string({ value: 'name', summary: 'Name of the container' }),
  interactive: flag.boolean({ short: 'i', summary: 'Keep standard input open' }),
  tty: flag.boolean({ short: 't', summary: 'Give it a terminal' }),
  rm: flag.boolean({ summary: 'Remove the container and its anonymous volumes when it exits' }),
  env: flag.custom({
    short: 'e',
    value: 'name[=value]',
    summary: 'Set an environment variable',
    ...checkedList(checkEnvironment),
  }),
  envFile: flag.list({ value: 'file', summary: 'Read environment variables from a file' }),
  entrypoint: flag.string({ value: 'program', summary: "Run this in place of the image's entrypoint" }),
  workdir: flag.string({ short: 'w', value: 'path', summary: 'Working directory' }),
  user: flag.string({ short: 'u', value: 'user[:group]', summary: 'User to run as, by name or number' }),
  groupAdd: flag.list({ value: 'group', summary: 'Additional groups' }),
  init: flag.tristate({ summary: 'Run an init that reaps processes and passes signals on' }),
  label: flag.custom({
    short: 'l',
    value: 'name[=value]',
    summary: 'Set a label',
    ...checkedList(checkLabel),
  }),
  labelFile: flag.list({ value: 'file', summary: 'Read labels from a file' }),
  annotation: flag.map({
    value: 'name=value',
    since: '1.43',
    summary: 'Set an annotation for the OCI runtime',
  }),
  attach: flag.custom({
    short: 'a',
    value: 'stream',
    summary: 'Attach stdin, stdout or stderr',
    ...checkedList(checkStream),
  }),
  pull: flag.string({
    value: 'when',
    summary: 'Pull the image always, when it is missing, or never',
    choices: ['always', 'missing', 'never'],
    default: 'missing',
  }),
  quiet: flag.boolean({ short: 'q', summary: 'Show nothing of a pull' }),
  platform: flag.string({ value: 'os/arch', summary: 'Platform of the image', since: '1.32' }),
  restart: flag.string({
    value: 'policy',
    summary: 'When to start it again: no, on-failure[:n], always, unless-stopped',
    default: 'no',
  }),
  stopSignal: flag.string({ value: 'signal', summary: 'Signal that stops the container' }),
  stopTimeout: flag.integer({ value: 'seconds', summary: 'How long a stop waits before it kills' }),
  cidfile: flag.string({ value: 'file', summary: "Write the container's ID to a file" }),

  volume: flag.list({
    short: 'v',
    value: 'source:target[:options]',
    summary: 'Mount a path or a volume',
    ...storage,
  }),
  mount: flag.custom({
    value: 'type=…,src=…,dst=…',
    summary: 'Mount a path, volume or tmpfs',
    ...storage,
    ...listOf('mount', parseMount),
  }),
  tmpfs: flag.list({ value: 'path[:options]', summary: 'Mount a file system in memory', ...storage }),
  volumesFrom: flag.list({
    value: 'container',
    summary: 'Mount all that another container mounts',
    ...storage,
  }),
  volumeDriver: flag.string({ value: 'driver', summary: 'Driver of new volumes', ...storage }),
  readOnly: flag.boolean({ summary: 'Make the root file system read-only', ...storage }),
  storageOpt: flag.list({ value: 'name=value', summary: "Options of the container's storage", ...storage }),
  shmSize: flag.bytes({ value: 'bytes', summary: 'Size of /dev/shm', default: 0, ...storage }),

  publish: flag.list({
    short: 'p',
    value: '[ip:][host:]port',
    summary: 'Publish a port on this machine',
    ...network,
  }),
  publishAll: flag.boolean({
    short: 'P',
    summary: 'Publish all exposed ports, wherever there is room',
    ...network,
  }),
  expose: flag.list({ value: 'port', summary: 'Expose a port to other containers', ...network }),
  network: flag.custom({
    value: 'name',
    summary: 'Connect to a network; host, none, or that of container:NAME',
    ...network,
    ...listOf('network', parseNetwork),
  }),
  net: flag.custom({ summary: 'Same as --network', hidden: true, ...listOf('network', parseNetwork) }),
  networkAlias: flag.list({ value: 'name', summary: 'Further name in the network', ...network }),
  netAlias: flag.list({ summary: 'Same as --network-alias', hidden: true }),
  hostname: flag.string({ short: 'h', value: 'name', summary: 'Host name inside', ...network }),
  domainname: flag.string({ value: 'name', summary: 'Domain name inside', ...network }),
  addHost: flag.custom({
    value: 'host:ip',
    summary: 'Add a line to /etc/hosts',
    ...network,
    ...checkedList(checkExtraHost),
  }),
  dns: flag.custom({ value: 'ip', summary: 'DNS server', ...network, ...checkedList(checkAddress) }),
  dnsOption: flag.list({ value: 'option', summary: 'Option for the resolver', ...network }),
  dnsOpt: flag.list({ summary: 'Same as --dns-option', hidden: true }),
  dnsSearch: flag.custom({
    value: 'domain',
    summary: 'Domain to search',
    ...network,
    ...checkedList(checkDomain),
  }),
  ip: flag.string({ value: 'ip', summary: 'IPv4 address', ...network }),
  ip6: flag.string({ value: 'ip', summary: 'IPv6 address', ...network }),
  linkLocalIp: flag.list({ value: 'ip', summary: 'Link-local address', ...network }),
  macAddress: flag.string({ value: 'address', summary: 'Hardware address', ...network }),
  link: flag.custom({
    value: 'container[:alias]',
    summary: 'Link to another container',
    ...network,
    ...checkedList(checkLink),
  }),

  memory: flag.bytes({ short: 'm', value: 'bytes', summary: 'Most memory', default: 0, ...resources }),
  memoryReservation: flag.bytes({
    value: 'bytes',
    summary: 'Memory it gets when there is little',
    default: 0,
    ...resources,
  }),
  memorySwap: flag.custom({
    value: 'bytes',
    summary: 'Most memory and swap together; -1 for all swap there is',
    type: 'bytes',
    default: 0,
    parse: swap,
    ...resources,
  }),
  memorySwappiness: flag.integer({
    value: '0..100',
    summary: 'How readily it is swapped out',
    default: -1,
    ...resources,
  }),
  oomKillDisable: flag.boolean({ summary: 'Never kill it for want of memory', ...resources }),
  oomScoreAdj: flag.integer({
    value: '-1000..1000',
    summary: 'How readily it is killed for want of memory',
    default: 0,
    ...resources,
  }),
  cpus: flag.custom({
    value: 'number',
    summary: 'Most CPUs, as in 1.5',
    type: 'decimal',
    default: 0,
    parse: parseCpus,
    ...resources,
  }),
  cpuShares: flag.integer({
    short: 'c',
    value: 'shares',
    summary: 'CPU time beside others (1024 is one share)',
    default: 0,
    ...resources,
  }),
  cpuPeriod: flag.integer({ value: 'µs', summary: 'Period of the CPU quota', default: 0, ...resources }),
  cpuQuota: flag.integer({ value: 'µs', summary: 'CPU time in each period', default: 0, ...resources }),
  cpuRtPeriod: flag.integer({ value: 'µs', summary: 'Period of real-time CPU', default: 0, ...resources }),
  cpuRtRuntime: flag.integer({
    value: 'µs',
    summary: 'Real-time CPU in each period',
    default: 0,
    ...resources,
  }),
  cpusetCpus: flag.string({ value: '0-3,5', summary: 'CPUs it may use', ...resources }),
  cpusetMems: flag.string({ value: '0-3,5', summary: 'Memory nodes it may use', ...resources }),
  cpuCount: flag.integer({ summary: 'CPUs (Windows)', hidden: true, default: 0 }),
  cpuPercent: flag.integer({ summary: 'Part of the CPUs (Windows)', hidden: true, default: 0 }),
  pidsLimit: flag.integer({
    value: 'number',
    summary: 'Most processes; -1 for any number',
    default: 0,
    ...resources,
  }),
  ulimit: flag.custom({
    value: 'name=soft[:hard]',
    summary: 'Limit of the processes',
    ...resources,
    ...listOf('ulimit', parseUlimit),
  }),
  blkioWeight: flag.custom({
    value: '10..1000',
    summary: 'Disk time beside others',
    type: 'uint16',
    default: 0,
    parse: weight,
    ...resources,
  }),
  blkioWeightDevice: flag.custom({
    value: 'device:weight',
    summary: 'The same for one device',
    ...resources,
    ...listOf('list', parseDeviceWeight),
  }),
  deviceReadBps: flag.custom({
    value: 'device:rate',
    summary: 'Most bytes a second read',
    ...resources,
    ...listOf('list', parseDeviceRate),
  }),
  deviceReadIops: flag.custom({
    value: 'device:rate',
    summary: 'Most reads a second',
    ...resources,
    ...listOf('list', parseDeviceOperations),
  }),
  deviceWriteBps: flag.custom({
    value: 'device:rate',
    summary: 'Most bytes a second written',
    ...resources,
    ...listOf('list', parseDeviceRate),
  }),
  deviceWriteIops: flag.custom({
    value: 'device:rate',
    summary: 'Most writes a second',
    ...resources,
    ...listOf('list', parseDeviceOperations),
  }),
  ioMaxbandwidth: flag.bytes({
    summary: 'Bytes a second of the system disk (Windows)',
    hidden: true,
    default: 0,
  }),
  ioMaxiops: flag.integer({
    summary: 'Operations a second of the system disk (Windows)',
    hidden: true,
    default: 0,
  }),
  gpus: flag.custom({
    value: 'all|n|fields',
    summary: 'GPUs to add',
    ...resources,
    ...listOf('gpu-request', parseGpus),
  }),
  cgroupParent: flag.string({ value: 'cgroup', summary: 'Cgroup above the container', ...resources }),

  privileged: flag.boolean({ summary: 'Give it all rights of root on this machine', ...security }),
  capAdd: flag.list({ value: 'capability', summary: 'Add a Linux capability', ...security }),
  capDrop: flag.list({ value: 'capability', summary: 'Take a Linux capability away', ...security }),
  securityOpt: flag.list({
    value: 'option',
    summary: 'Options such as no-new-privileges and seccomp=FILE',
    ...security,
  }),
  device: flag.list({ value: 'host[:inside[:rwm]]', summary: 'Add a device', ...security }),
  deviceCgroupRule: flag.custom({
    value: 'rule',
    summary: 'Allow devices, as in "c 42:* rmw"',
    ...security,
    ...checkedList(checkDeviceRule),
  }),
  sysctl: flag.custom({
    value: 'name=value',
    summary: 'Set a kernel parameter of its own',
    ...security,
    ...checkedList(checkSysctl),
  }),
  ipc: flag.string({
    value: 'mode',
    summary: 'IPC namespace: private, shareable, host, none, container:NAME',
    ...security,
  }),
  pid: flag.string({ value: 'mode', summary: 'PID namespace: host or container:NAME', ...security }),
  uts: flag.string({ value: 'mode', summary: 'UTS namespace: host', ...security }),
  userns: flag.string({ value: 'mode', summary: 'User namespace: host', ...security }),
  cgroupns: flag.string({
    value: 'mode',
    summary: 'Cgroup namespace: host or private',
    since: '1.41',
    ...security,
  }),
  runtime: flag.string({ value: 'name', summary: 'OCI runtime', ...security }),
  isolation: flag.string({ summary: 'Isolation (Windows)', hidden: true }),

  healthCmd: flag.string({ value: 'command', summary: 'Command that checks its health', ...health }),
  healthInterval: flag.duration({ value: 'time', summary: 'Time between checks', default: 0, ...health }),
  healthTimeout: flag.duration({ value: 'time', summary: 'Longest time of a check', default: 0, ...health }),
  healthRetries: flag.integer({
    value: 'number',
    summary: 'Failures in a row that make it unhealthy',
    default: 0,
    ...health,
  }),
  healthStartPeriod: flag.duration({
    value: 'time',
    summary: 'Time to come up, in which failures do not count',
    default: 0,
    ...health,
  }),
  healthStartInterval: flag.duration({
    value: 'time',
    summary: 'Time between checks meanwhile',
    default: 0,
    since: '1.44',
    ...health,
  }),
  noHealthcheck: flag.boolean({ summary: 'Do not check its health, whatever the image says', ...health }),
  logDriver: flag.string({ value: 'driver', summary: 'Driver of the log', ...health }),
  logOpt: flag.list({ value: 'name=value', summary: 'Options of the log driver', ...health }),

  disableContentTrust: flag.custom({
    summary: 'Do not verify signatures of images',
    hidden: true,
    type: 'bool',
    default: true,
    parse: (text) => {
      if (!/^(1|t|true)$/i.test(text))
        throw new FlagValueError('signatures of images cannot be verified here');
      return true;
    },
  }),
  kernelMemory: flag.custom(refused('kernel-memory', 'kernels have no such limit any more')),
  useApiSocket: flag.custom({
    ...refused('use-api-socket', 'the engine cannot be handed to a container this way'),
    type: 'bool',
  }),
};

export type CreateOptions = OptionsOf<typeof createFlags>;
export type { NetworkChoice };
