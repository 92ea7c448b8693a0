import { type ContainerConfig, containerConfig, type HostConfig, hostConfig } from './hostconfig.ts';
import { type EndpointSettings, type NetworkSettings, networkingConfig } from './network.ts';
import { boolean, type Decoded, integer, list, merged, object, optional, string, words } from './shape.ts';

/** The body of POST /containers/create: a container's Config with its HostConfig and networks on the same level. */
export const containerCreateBody = merged(
  containerConfig,
  object({ HostConfig: hostConfig, NetworkingConfig: networkingConfig }),
);
export type ContainerCreateBody = Decoded<typeof containerCreateBody>;

export interface ContainerCreateAnswer {
  Id: string;
  Warnings: string[];
}

export interface ContainerUpdateAnswer {
  Warnings: string[];
}

export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

/** What a health check said once; times are RFC 3339. */
export interface HealthResult {
  Start: string;
  End: string;
  ExitCode: number;
  Output: string;
}

export interface Health {
  Status: HealthStatus;
  FailingStreak: number;
  Log: HealthResult[];
}

/** State of a container's inspect; times are RFC 3339 with nanoseconds, year 1 for "never". */
export interface ContainerState {
  Status: ContainerStatus;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  OOMKilled: boolean;
  Dead: boolean;
  Pid: number;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
  Health?: Health;
}

export interface MountPoint {
  Type: string;
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
}

export interface ContainerInspect {
  Id: string;
  Created: string;
  Path: string;
  Args: string[];
  State: ContainerState;
  Image: string;
  ResolvConfPath: string;
  HostnamePath: string;
  HostsPath: string;
  LogPath: string;
  Name: string;
  RestartCount: number;
  Driver: string;
  Platform: string;
  MountLabel: string;
  ProcessLabel: string;
  AppArmorProfile: string;
  ExecIDs: string[] | null;
  HostConfig: HostConfig;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  SizeRw?: number;
  SizeRootFs?: number;
  Mounts: MountPoint[];
  Config: ContainerConfig;
  NetworkSettings: NetworkSettings;
}

/** One port in a list of containers. */
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Unix time in seconds. */
  Created: number;
  Ports: PortSummary[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: ContainerStatus;
  Status: string;
  HostConfig: { NetworkMode: string };
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  Mounts: MountPoint[];
}

export interface ContainerWaitAnswer {
  StatusCode: number;
  Error?: { Message: string } | null;
}

export interface ContainerPruneAnswer {
  ContainersDeleted: string[] | null;
  SpaceReclaimed: number;
}

export interface ContainerTop {
  Titles: string[];
  Processes: string[][];
}

export const execCreateBody = object({
  User: string,
  Privileged: boolean,
  Tty: boolean,
  ConsoleSize: list(integer),
  AttachStdin: boolean,
  AttachStderr: boolean,
  AttachStdout: boolean,
  DetachKeys: string,
  Env: list(string),
  WorkingDir: string,
  Cmd: words,
});
export type ExecCreateBody = Decoded<typeof execCreateBody>;

export const execStartBody = object({ Detach: boolean, Tty: boolean, ConsoleSize: list(integer) });
export type ExecStartBody = Decoded<typeof execStartBody>;

/** What a container is started with may carry a HostConfig of times long gone: read and left aside. */
export const containerStartBody = optional(object({}));

export interface ExecInspect {
  ID: string;
  Running: boolean;
  ExitCode: number | null;
  ProcessConfig: {
    tty: boolean;
    entrypoint: string;
    arguments: string[];
    privileged: boolean;
    user?: string;
  };
  OpenStdin: boolean;
  OpenStderr: boolean;
  OpenStdout: boolean;
  CanRemove: boolean;
  ContainerID: string;
  DetachKeys: string;
  Pid: number;
}

/** What is at a path in a container; travels in base64 in the header X-Docker-Container-Path-Stat. */
export interface PathStat {
  name: string;
  size: number;
  /** Go's os.FileMode. */
  mode: number;
  mtime: string;
  /** Where a link leads in the container; empty for anything else. */
  linkTarget: string;
}

/** The header that a path's stat travels in. */
export const pathStatHeader = 'X-Docker-Container-Path-Stat';

/** A file that a container changed (0), added (1) or deleted (2). */
export interface ContainerChange {
  Path: string;
  Kind: number;
}
