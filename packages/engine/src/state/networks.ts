import type { PortMap } from '@davit/api';
import type { Database, Schema } from './database.ts';

export type NetworkDriver = 'bridge' | 'host' | 'null';

/** A network. One without a bridge of its own has no addresses either: those fields are empty. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly created: string;
  /** Name of the bridge; empty until it was made once. */
  readonly bridge: string;
  /** As in `172.30.0.0/16`. */
  readonly subnet: string;
  readonly gateway: string;
}

/** A place in a network. One that no container has yet was made ahead. */
export interface EndpointRecord {
  readonly id: string;
  readonly networkId: string;
  readonly containerId: string | null;
  /** IPv4 address as a number, 0 for none. */
  readonly address: number;
  readonly mac: string;
  /** Name of the network namespace that it leads into; empty for the host's. */
  readonly namespace: string;
  /** The host's end of the pair of devices; empty for none. */
  readonly link: string;
}

/** The network side of a container that runs. */
export interface SandboxRecord {
  readonly containerId: string;
  readonly containerName: string;
  readonly mode: string;
  /** Path of its network namespace; empty for the host's. */
  readonly key: string;
  /** Exposed ports and what they are bound to. */
  readonly ports: PortMap;
}

export interface NetworkStore {
  networks(): NetworkRecord[];
  network(name: string): NetworkRecord | undefined;
  /** Adds a network, or replaces what is known of the one with this ID. */
  saveNetwork(network: NetworkRecord): void;
  endpoints(): EndpointRecord[];
  endpointsOf(containerId: string): EndpointRecord[];
  addressesOf(networkId: string): Set<number>;
  /** The address that was given last, in which order addresses go on; 0 for none. */
  lastAddress(networkId: string): number;
  /** Adds an endpoint and, when it has an address, remembers that as the last one given. */
  addEndpoint(endpoint: EndpointRecord): void;
  removeEndpoint(id: string): void;
  sandboxes(): SandboxRecord[];
  sandbox(containerId: string): SandboxRecord | undefined;
  /** Gives endpoints to a container together with its sandbox, in one transaction. */
  attach(sandbox: SandboxRecord, endpointIds: readonly string[]): void;
  /** Forgets the sandbox of a container and all its endpoints, in one transaction. */
  detach(containerId: string): void;
}

export const schema: Schema = {
  name: 'networks',
  migrations: [
    `CREATE TABLE networks (
       id TEXT PRIMARY KEY,
       name TEXT NOT NULL UNIQUE,
       driver TEXT NOT NULL,
       created TEXT NOT NULL,
       bridge TEXT NOT NULL,
       subnet TEXT NOT NULL,
       gateway TEXT NOT NULL,
       last_address INTEGER NOT NULL DEFAULT 0
     ) STRICT;
     CREATE TABLE endpoints (
       id TEXT PRIMARY KEY,
       network_id TEXT NOT NULL REFERENCES networks (id),
       container_id TEXT,
       address INTEGER NOT NULL,
       mac TEXT NOT NULL,
       namespace TEXT NOT NULL,
       link TEXT NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX endpoints_address ON endpoints (network_id, address) WHERE address != 0;
     CREATE INDEX endpoints_container ON endpoints (container_id);
     CREATE TABLE sandboxes (
       container_id TEXT PRIMARY KEY,
       container_name TEXT NOT NULL,
       mode TEXT NOT NULL,
       key TEXT NOT NULL,
       ports TEXT NOT NULL
     ) STRICT;`,
  ],
};

const networkFields = 'id, name, driver, created, bridge, subnet, gateway';
const endpointFields =
  'id, network_id AS networkId, container_id AS containerId, address, mac, namespace, link';
const sandboxFields = 'container_id AS containerId, container_name AS containerName, mode, key, ports';

/** The networks and who is where in them, in the engine's database. */
export function createNetworkStore({ sqlite, transaction }: Database): NetworkStore {
  const allNetworks = sqlite.prepare(`SELECT ${networkFields} FROM networks ORDER BY name`);
  const networkByName = sqlite.prepare(`SELECT ${networkFields} FROM networks WHERE name = ?`);
  const putNetwork = sqlite.prepare(
    `INSERT INTO networks (${networkFields}) VALUES (:id, :name, :driver, :created, :bridge, :subnet, :gateway)
     ON CONFLICT (id) DO UPDATE SET
       name = :name, bridge = :bridge, subnet = :subnet, gateway = :gateway`,
  );
  const allEndpoints = sqlite.prepare(`SELECT ${endpointFields} FROM endpoints`);
  const endpointsByContainer = sqlite.prepare(
    `SELECT ${endpointFields} FROM endpoints WHERE container_id = ?`,
  );
  const addresses = sqlite.prepare('SELECT address FROM endpoints WHERE network_id = ? AND address != 0');
  const lastAddress = sqlite.prepare('SELECT last_address AS address FROM networks WHERE id = ?');
  const putLastAddress = sqlite.prepare('UPDATE networks SET last_address = ? WHERE id = ?');
  const putEndpoint = sqlite.prepare(
    `INSERT INTO endpoints (id, network_id, container_id, address, mac, namespace, link)
     VALUES (:id, :networkId, :containerId, :address, :mac, :namespace, :link)`,
  );
  const dropEndpoint = sqlite.prepare('DELETE FROM endpoints WHERE id = ?');
  const giveEndpoint = sqlite.prepare('UPDATE endpoints SET container_id = ? WHERE id = ?');
  const dropEndpoints = sqlite.prepare('DELETE FROM endpoints WHERE container_id = ?');
  const allSandboxes = sqlite.prepare(`SELECT ${sandboxFields} FROM sandboxes`);
  const sandboxByContainer = sqlite.prepare(`SELECT ${sandboxFields} FROM sandboxes WHERE container_id = ?`);
  const putSandbox = sqlite.prepare('INSERT INTO sandboxes VALUES (?, ?, ?, ?, ?)');
  const dropSandbox = sqlite.prepare('DELETE FROM sandboxes WHERE container_id = ?');

  const sandboxOf = (row: Record<string, unknown>): SandboxRecord =>
    ({ ...row, ports: JSON.parse(String(row.ports)) }) as unknown as SandboxRecord;

  return {
    networks: () => allNetworks.all() as unknown as NetworkRecord[],
    network: (name) => networkByName.get(name) as unknown as NetworkRecord | undefined,
    saveNetwork: (network) => void putNetwork.run({ ...network }),
    endpoints: () => allEndpoints.all() as unknown as EndpointRecord[],
    endpointsOf: (containerId) => endpointsByContainer.all(containerId) as unknown as EndpointRecord[],
    addressesOf: (networkId) => new Set(addresses.all(networkId).map((row) => Number(row.address))),
    lastAddress: (networkId) => Number(lastAddress.get(networkId)?.address ?? 0),
    addEndpoint: (endpoint) =>
      transaction(() => {
        putEndpoint.run({ ...endpoint });
        if (endpoint.address !== 0) putLastAddress.run(endpoint.address, endpoint.networkId);
      }),
    removeEndpoint: (id) => void dropEndpoint.run(id),
    sandboxes: () => allSandboxes.all().map(sandboxOf),
    sandbox: (containerId) => {
      const row = sandboxByContainer.get(containerId);
      return row && sandboxOf(row);
    },
    attach: (sandbox, endpointIds) =>
      transaction(() => {
        const { containerId, containerName, mode, key, ports } = sandbox;
        putSandbox.run(containerId, containerName, mode, key, JSON.stringify(ports));
        for (const id of endpointIds) giveEndpoint.run(containerId, id);
      }),
    detach: (containerId) =>
      transaction(() => {
        dropSandbox.run(containerId);
        dropEndpoints.run(containerId);
      }),
  };
}
