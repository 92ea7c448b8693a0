/** What a manager would know, for services that are made and changed without one. */

const fullSpec = {
  Name: 'web',
  Labels: { a: 'b', c: 'd' },
  TaskTemplate: {
    ContainerSpec: {
      Image: 'busybox:1',
      Labels: { x: 'y' },
      Command: ['a', 'b c'],
      Args: ['sh', '-c', 'x'],
      Hostname: 'h',
      Env: ['B', 'A=2'],
      Dir: '/d',
      User: 'u',
      Groups: ['3', '4'],
      Privileges: {
        CredentialSpec: { Config: '', File: 'x', Registry: '' },
        SELinuxContext: null,
        NoNewPrivileges: false,
      },
      Init: true,
      StopSignal: 'INT',
      Mounts: [
        { Type: 'bind', Source: '/b', Target: '/b' },
        { Type: 'volume', Source: 'v', Target: '/v' },
      ],
      StopGracePeriod: 3e9,
      Healthcheck: { Test: ['CMD-SHELL', 'true x'], Interval: 3e9 },
      Hosts: ['1.2.3.4 a', '1.2.3.4 b', '1.1.1.1 a'],
      DNSConfig: { Nameservers: ['1.1.1.1', '2.2.2.2'], Search: ['z.org', 'a.org'], Options: ['ndots:3'] },
      Secrets: [{ File: { Name: 's1', UID: '0', GID: '0', Mode: 292 }, SecretID: 's1id', SecretName: 's1' }],
      Configs: [{ File: { Name: 'c1', UID: '0', GID: '0', Mode: 292 }, ConfigID: 'c1id', ConfigName: 'c1' }],
      Isolation: 'default',
      Sysctls: { 'net.a': '1' },
      CapabilityAdd: ['CAP_NET_ADMIN'],
      CapabilityDrop: ['CAP_KILL'],
      Ulimits: [{ Name: 'nofile', Hard: 2, Soft: 1 }],
    },
    Resources: {
      Limits: { NanoCPUs: 5e8, MemoryBytes: 10485760 },
      Reservations: {
        NanoCPUs: 1e9,
        GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }],
      },
    },
    RestartPolicy: { Condition: 'none', Delay: 5e9, MaxAttempts: 0 },
    Placement: {
      Constraints: ['node.role==manager'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.id' } }],
      MaxReplicas: 2,
    },
    Networks: [{ Target: 'net1id' }],
    LogDriver: { Name: 'json-file', Options: { a: 'b' } },
    ForceUpdate: 2,
    Runtime: 'container',
  },
  Mode: { Replicated: { Replicas: 3 } },
  UpdateConfig: {
    Parallelism: 1,
    Delay: 3e9,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  },
  RollbackConfig: {
    Parallelism: 1,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'start-first',
  },
  EndpointSpec: {
    Mode: 'vip',
    Ports: [
      { Protocol: 'tcp', TargetPort: 90, PublishedPort: 80, PublishMode: 'ingress' },
      { Protocol: 'udp', TargetPort: 7, PublishedPort: 8, PublishMode: 'host' },
    ],
  },
};

const plainSpec = {
  Name: 'min',
  Labels: {},
  TaskTemplate: {
    ContainerSpec: { Image: 'busybox:latest', Init: false },
    Resources: { Limits: {}, Reservations: {} },
    ForceUpdate: 0,
    Runtime: 'container',
  },
  Mode: { Replicated: { Replicas: 1 } },
};

const service = (ID: string, Spec: object, more: object = {}) => ({
  ID,
  Version: { Index: 7 },
  CreatedAt: '2026-11-25T11:37:21.84683Z',
  UpdatedAt: '2026-11-25T11:37:21.84683Z',
  Spec,
  PreviousSpec: undefined,
  Endpoint: { Spec: {} },
  ...more,
});

const network = (Name: string, Id: string) => ({ Name, Id, Scope: 'swarm', Driver: 'overlay' });
const file = (Name: string) => ({ ID: `${Name}id`, Spec: { Name } });

const job = { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 4 } };
const digest = `sha256:${'a'.repeat(64)}`;

/** Answers by method and path. */
export const answers: Record<string, unknown> = {
  'POST /services/create': { ID: 'newid', Warnings: ['mind the gap'] },
  'GET /services/web': service('webid', fullSpec, {
    PreviousSpec: fullSpec,
    Endpoint: {
      Spec: fullSpec.EndpointSpec,
      Ports: fullSpec.EndpointSpec.Ports,
      VirtualIPs: [{ NetworkID: 'net1id', Addr: '10.0.0.2/24' }],
    },
    UpdateStatus: {
      State: 'completed',
      StartedAt: '2026-11-25T11:37:21.84683Z',
      CompletedAt: '2026-11-25T11:38:21Z',
      Message: 'update completed',
    },
  }),
  'GET /services/min': service('minid', plainSpec),
  'GET /services/glob': service('globid', { ...plainSpec, Mode: { Global: {} } }),
  'GET /services/job': service('jobid', { ...plainSpec, Mode: job }, { JobStatus: { JobIteration: {} } }),
  ...Object.fromEntries(
    ['web', 'min', 'glob', 'job'].map((name) => [
      `POST /services/${name}id/update`,
      { Warnings: ['slowly'] },
    ]),
  ),
  'GET /networks/net1': network('net1', 'net1id'),
  'GET /networks/net1id': network('net1', 'net1id'),
  'GET /networks/net2': network('net2', 'aanet2id'),
  'GET /secrets': ['s1', 's2', 'shop_key'].map(file),
  'GET /configs': ['c1', 'c2', 'shop_site'].map(file),
  'GET /info': { Swarm: { ControlAvailable: true, LocalNodeState: 'active', NodeID: 'n' } },
  'GET /networks': [network('shop_back', 'backid')],
  'GET /services': [service('dbid', { ...plainSpec, Name: 'shop_db' })],
  'POST /services/dbid/update': { Warnings: ['slowly'] },
  'POST /networks/create': { Id: 'newnetid' },
  'POST /secrets/create': { ID: 'newsecretid' },
  'POST /configs/create': { ID: 'newconfigid' },
  'GET /configs/shop_site': { ...file('shop_site'), Version: { Index: 4 } },
  'POST /configs/shop_siteid/update': {},
  'GET /distribution/known:latest/json': {
    Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 9 },
    Platforms: [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm', os: 'linux', variant: 'v7' },
    ],
  },
};
