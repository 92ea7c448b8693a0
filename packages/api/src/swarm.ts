/** What a Swarm keeps. Only what davit reads or writes is spelled out; the rest is carried along as it came. */
export interface SwarmObject<Spec> {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  Spec: Spec;
}

export interface Annotations {
  Name: string;
  Labels?: Record<string, string> | null;
}

export interface ExternalCa {
  Protocol: string;
  URL: string;
  Options?: Record<string, string>;
  CACert?: string;
}

/** How a Swarm runs; what is left out keeps its default. Times are in nanoseconds. */
export interface SwarmSpec extends Partial<Annotations> {
  Orchestration?: { TaskHistoryRetentionLimit?: number };
  Raft?: { SnapshotInterval?: number; KeepOldSnapshots?: number };
  Dispatcher?: { HeartbeatPeriod?: number };
  CAConfig?: {
    NodeCertExpiry?: number;
    ExternalCAs?: ExternalCa[] | null;
    SigningCACert?: string;
    SigningCAKey?: string;
    ForceRotate?: number;
  };
  TaskDefaults?: { LogDriver?: { Name: string; Options?: Record<string, string> } };
  EncryptionConfig?: { AutoLockManagers: boolean };
}

export interface Swarm extends SwarmObject<SwarmSpec> {
  JoinTokens: { Worker: string; Manager: string };
  RootRotationInProgress?: boolean;
  TLSInfo?: TlsInfo;
}

export interface TlsInfo {
  TrustRoot?: string;
  CertIssuerSubject?: string;
  CertIssuerPublicKey?: string;
}

export interface SwarmInitBody {
  ListenAddr: string;
  AdvertiseAddr: string;
  DataPathAddr: string;
  DataPathPort: number;
  DefaultAddrPool: string[];
  SubnetSize: number;
  ForceNewCluster: boolean;
  Availability: string;
  AutoLockManagers: boolean;
  Spec: SwarmSpec;
}

export interface SwarmJoinBody {
  ListenAddr: string;
  AdvertiseAddr: string;
  DataPathAddr: string;
  RemoteAddrs: string[];
  JoinToken: string;
  Availability: string;
}

export interface NodeSpec extends Partial<Annotations> {
  Role: string;
  Availability: string;
}

/** A machine of a Swarm. */
export interface Node extends SwarmObject<NodeSpec> {
  Description: {
    Hostname?: string;
    Platform?: { Architecture?: string; OS?: string };
    Resources?: NodeResources;
    Engine?: {
      EngineVersion?: string;
      Labels?: Record<string, string> | null;
      Plugins?: { Type: string; Name: string }[] | null;
    };
    TLSInfo?: TlsInfo;
  };
  Status: { State?: string; Message?: string; Addr?: string };
  ManagerStatus?: { Leader?: boolean; Reachability?: string; Addr?: string };
}

/** A secret or a config; a secret's data never comes back. */
export interface StoredFile extends SwarmObject<StoredFileSpec> {}

export interface StoredFileSpec extends Annotations {
  /** Base64. */
  Data?: string;
  Driver?: { Name: string; Options?: Record<string, string> };
  Templating?: { Name: string; Options?: Record<string, string> };
}

export interface NodeResources {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
  GenericResources?: GenericResource[] | null;
}

export interface GenericResource {
  NamedResourceSpec?: { Kind: string; Value: string };
  DiscreteResourceSpec?: { Kind: string; Value: number };
}

/** A secret or config as a container of a service sees it. */
export interface FileReference {
  File?: { Name: string; UID: string; GID: string; Mode: number };
  Runtime?: Record<string, never>;
}

export interface SecretReference extends FileReference {
  SecretID: string;
  SecretName: string;
}

export interface ConfigReference extends FileReference {
  ConfigID: string;
  ConfigName: string;
}

export interface ServiceMount {
  Type?: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: Record<string, unknown>;
  VolumeOptions?: Record<string, unknown>;
  TmpfsOptions?: Record<string, unknown>;
  ClusterOptions?: Record<string, never>;
}

/** The container that every task of a service runs. Times are in nanoseconds. */
export interface ServiceContainer {
  Image?: string;
  Labels?: Record<string, string> | null;
  Command?: string[] | null;
  Args?: string[] | null;
  Hostname?: string;
  Env?: string[] | null;
  Dir?: string;
  User?: string;
  Groups?: string[] | null;
  Privileges?: Record<string, unknown> | null;
  Init?: boolean | null;
  StopSignal?: string;
  TTY?: boolean;
  OpenStdin?: boolean;
  ReadOnly?: boolean;
  Mounts?: ServiceMount[] | null;
  StopGracePeriod?: number;
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  };
  Hosts?: string[] | null;
  DNSConfig?: { Nameservers?: string[]; Search?: string[]; Options?: string[] };
  Secrets?: SecretReference[] | null;
  Configs?: ConfigReference[] | null;
  Isolation?: string;
  Sysctls?: Record<string, string> | null;
  CapabilityAdd?: string[] | null;
  CapabilityDrop?: string[] | null;
  Ulimits?: { Name: string; Soft: number; Hard: number }[] | null;
  OomScoreAdj?: number;
}

export interface RestartPolicy {
  Condition?: string;
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

export interface Placement {
  Constraints?: string[] | null;
  Preferences?: { Spread?: { SpreadDescriptor: string } }[] | null;
  MaxReplicas?: number;
  Platforms?: { Architecture?: string; OS?: string }[] | null;
}

export interface NetworkAttachment {
  Target?: string;
  Aliases?: string[] | null;
  DriverOpts?: Record<string, string>;
}

export interface TaskSpec {
  ContainerSpec?: ServiceContainer;
  Resources?: { Limits?: NodeResources; Reservations?: NodeResources };
  RestartPolicy?: RestartPolicy;
  Placement?: Placement;
  Networks?: NetworkAttachment[] | null;
  LogDriver?: { Name?: string; Options?: Record<string, string> };
  ForceUpdate?: number;
  Runtime?: string;
}

/** How tasks are exchanged for new ones. */
export interface UpdateConfig {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio?: number;
  Order?: string;
}

export interface ServicePort {
  Name?: string;
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: string;
}

export interface ServiceMode {
  Replicated?: { Replicas?: number };
  Global?: Record<string, never>;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: Record<string, never>;
}

export interface ServiceSpec extends Annotations {
  TaskTemplate: TaskSpec;
  Mode?: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  Networks?: NetworkAttachment[] | null;
  EndpointSpec?: { Mode?: string; Ports?: ServicePort[] | null };
}

export interface Service extends SwarmObject<ServiceSpec> {
  PreviousSpec?: ServiceSpec;
  Endpoint?: {
    Spec?: { Mode?: string };
    Ports?: ServicePort[] | null;
    VirtualIPs?: { NetworkID: string; Addr: string }[];
  };
  UpdateStatus?: { State?: string; StartedAt?: string; CompletedAt?: string; Message?: string };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks: number };
  JobStatus?: { JobIteration?: { Index: number }; LastExecution?: string };
}

/** One container of a service, from its plan to its end. */
export interface Task {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  Name?: string;
  Labels?: Record<string, string> | null;
  Spec: TaskSpec;
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  Status: {
    Timestamp?: string;
    State?: string;
    Message?: string;
    Err?: string;
    ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
    PortStatus?: { Ports?: ServicePort[] | null };
  };
  DesiredState: string;
  JobIteration?: { Index: number };
}
