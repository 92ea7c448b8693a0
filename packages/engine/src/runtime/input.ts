import type { ContainerConfig, HostConfig } from '@davit/api';
import type { Devices } from './devices.ts';

/** A bind mount, volume or tmpfs that the user asked for, with everything about it resolved. */
export interface SpecMount {
  type: 'bind' | 'tmpfs';
  /** Path on the host; empty for a tmpfs. */
  source: string;
  /** Absolute path in the container. */
  destination: string;
  readOnly: boolean;
  /** `rprivate` when empty. */
  propagation?: string;
  /** Bind only the directory itself and not what is mounted below it. */
  nonRecursive?: boolean;
  /** Whether what is mounted below a read-only source is writable, or must be read-only; empty: as the kernel can. */
  recursion?: '' | 'writable' | 'readonly';
  /** The source is no directory: nothing can be mounted below it. */
  isFile?: boolean;
  /** Mount options of a tmpfs, as in `size=64m,mode=1777,exec`; `noexec,nosuid,nodev` stand before them. */
  options?: string;
}

/** What this machine and the engine's own process allow: read once by `readHostFacts`. */
export interface HostFacts {
  cgroupVersion: 1 | 2;
  /** Node's name of the architecture: x64, arm64. */
  architecture: string;
  /** Capabilities that the engine can hand on, as in CAP_CHOWN. */
  capabilities: readonly string[];
  /** The engine's own hard limits by OCI name (RLIMIT_NOFILE); what is not named is unlimited. */
  hardLimits: Readonly<Record<string, number>>;
  /** The lowest oom_score_adj that a process of the engine can be given. */
  lowestOomScore: number;
  /** Release of the kernel, as in 6.18.44. */
  kernel: string;
  seccomp: boolean;
  apparmor: boolean;
  memoryLimit: boolean;
  swapLimit: boolean;
  cpuQuota: boolean;
  cpuShares: boolean;
  cpuset: boolean;
  pidsLimit: boolean;
  /** Shares of the time of block devices, in all and of one device. */
  blkioWeight: boolean;
  blkioWeightDevice: boolean;
  realtime: boolean;
  /** The memory nodes that there are, as in `0-1`. */
  memoryNodes: string;
  /** CPU numbers, for the paths that are masked for each of them. */
  cpus: number;
}

/** Everything that a container's config.json is made of: a plain object, so that it can be built without a machine. */
export interface SpecInput {
  id: string;
  /** As the container was created: the image's defaults are merged in, hostname set. */
  config: ContainerConfig;
  hostConfig: HostConfig;
  /** Path of the mounted root file system. */
  root: string;
  /** Text of etc/passwd and etc/group in that root; empty where the file is missing. */
  passwd: string;
  group: string;
  /** From `containerCgroup` in cgroup.ts. */
  cgroupsPath: string;
  /**
   * Namespaces that exist already: the sandbox's network (empty: the host's when NetworkMode is `host`, else a
   * new one), and those of another container when IpcMode or PidMode name one (`/proc/<pid>/ns/ipc`).
   */
  networkNamespace: string;
  ipcNamespace: string;
  pidNamespace: string;
  /** With IpcMode `container:…` the /dev/shm to share (`/proc/<pid>/root/dev/shm`), else empty. */
  sharedMemory: string;
  /** Files on the host that become /etc/hostname, /etc/hosts and /etc/resolv.conf; empty: the image's own. */
  hostnameFile: string;
  hostsFile: string;
  resolvFile: string;
  mounts: SpecMount[];
  /** From `resolveDevices` in devices.ts. */
  devices: Devices;
  /** Program that is PID 1 when an init is asked for; empty: none. */
  initPath: string;
  facts: HostFacts;
}

/** What the process of an exec is made of. */
export interface ExecInput {
  /** Config of the container and how it was created. */
  config: ContainerConfig;
  hostConfig: HostConfig;
  passwd: string;
  group: string;
  /** The exec's own wishes, as in the body of POST /containers/{name}/exec. */
  command: string[];
  /** Empty: the container's. */
  user: string;
  env: string[];
  /** Empty: the container's. */
  workingDir: string;
  tty: boolean;
  privileged: boolean;
  /** [rows, columns], as ConsoleSize. */
  consoleSize: number[] | null;
  facts: HostFacts;
}
