import type { IpamConfig, PortMap } from '@davit/api';
import type { Database, Schema } from './database.ts';

export type NetworkDriver = 'bridge' | 'macvlan' | 'ipvlan' | 'host' | 'null';

/** What a network was asked to be. */
export interface NetworkWishes {
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipamOptions: Readonly<Record<string, string>>;
  /** As it was given: one for IPv4 and one for IPv6 at most. */
  readonly ipam: readonly IpamConfig[];
}

/** What a container asked for in a network, and the names that it has there. */
export interface EndpointWishes {
  readonly aliases: readonly string[];
  /** As in `db:database`: another container, and the name that only this one knows it by. */
  readonly links: readonly string[];
  readonly ipv4: string;
  readonly ipv6: string;
  readonly linkLocal: readonly string[];
  readonly mac: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly gatewayPriority: number;
  readonly dnsNames: readonly string[];
}

/** A network. One that is neither a bridge nor on a device of the host has no addresses: those fields are empty. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly created: string;
  /** Name of the bridge; empty until it was made once, and without one. */
  readonly bridge: string;
  /** As in `172.30.0.0/16`. */
  readonly subnet: string;
  readonly gateway: string;
  /** The same of IPv6; empty without it. */
  readonly subnet6: string;
  readonly gateway6: string;
  readonly wishes: NetworkWishes;
}

/** A place in a network. One that no container has yet was made ahead. */
export interface EndpointRecord {
  readonly id: string;
  readonly networkId: string;
  readonly containerId: string | null;
  /** IPv4 address as a number, 0 for none. */
  readonly address: number;
  /** IPv6 address in its shortest form; empty for none. */
  readonly address6: string;
  readonly mac: string;
  /** Name of the device in the container; empty for none. */
  readonly device: string;
  readonly wishes: EndpointWishes;
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
  /** DNS servers that the container asked for. */
  readonly dns: readonly string[];
  /** The gateways that it was told to send to, as in `172.30.0.1 fd00::1`; null when that was not written down. */
  readonly route: string | null;
}

export interface NetworkStore {
  networks(): NetworkRecord[];
  network(name: string): NetworkRecord | undefined;
  /** Adds a network, or replaces what is known of the one with this ID. */
  saveNetwork(network: NetworkRecord): void;
  removeNetwork(id: string): void;
  endpoints(): EndpointRecord[];
  endpointsOf(containerId: string): EndpointRecord[];
  addressesOf(networkId: string): Set<number>;
  addresses6Of(networkId: string): Set<string>;
  /** The address that was given last, in which order addresses go on; 0 for none. */
  lastAddress(networkId: string): number;
  /** Adds an endpoint and, when it has an address, remembers that as the last one given. */
  addEndpoint(endpoint: EndpointRecord): void;
  removeEndpoint(id: string): void;
  sandboxes(): SandboxRecord[];
  sandbox(containerId: string): SandboxRecord | undefined;
  /** Gives an endpoint to a container that has a sandbox. */
  giveEndpoint(id: string, containerId: string, wishes: EndpointWishes): void;
  /** Gives endpoints to a container together with its sandbox, in one transaction. */
  attach(sandbox: SandboxRecord, members: readonly Pick<EndpointRecord, 'id' | 'wishes'>[]): void;
  /** Writes down what a container's ports are bound to now. */
  savePorts(containerId: string, ports: PortMap): void;
  /** Writes down which gateways a container was told to send to. */
  saveRoute(containerId: string, route: string): void;
  /** Writes down what a container is called now, and its names in its networks. */
  rename(containerId: string, name: string, dnsNames: ReadonlyMap<string, readonly string[]>): void;
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
    `ALTER TABLE networks ADD COLUMN subnet6 TEXT NOT NULL DEFAULT '';
     ALTER TABLE networks ADD COLUMN gateway6 TEXT NOT NULL DEFAULT '';
     ALTER TABLE networks ADD COLUMN wishes TEXT NOT NULL DEFAULT '{}';
     ALTER TABLE endpoints ADD COLUMN address6 TEXT NOT NULL DEFAULT '';
     ALTER TABLE endpoints ADD COLUMN device TEXT NOT NULL DEFAULT '';
     ALTER TABLE endpoints ADD COLUMN wishes TEXT NOT NULL DEFAULT '{}';
     UPDATE endpoints SET device = 'eth0' WHERE link != '';
     ALTER TABLE sandboxes ADD COLUMN dns TEXT NOT NULL DEFAULT '[]';
     CREATE UNIQUE INDEX endpoints_address6 ON endpoints (network_id, address6) WHERE address6 != '';`,
    'ALTER TABLE sandboxes ADD COLUMN route TEXT;',
  ],
};

export const plainNetwork: NetworkWishes = {
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  ipamOptions: {},
  ipam: [],
};

export const noWishes: EndpointWishes = {
  aliases: [],
  links: [],
  ipv4: '',
  ipv6: '',
  linkLocal: [],
  mac: '',
  driverOptions: {},
  gatewayPriority: 0,
  dnsNames: [],
};

const networkFields = 'id, name, driver, created, bridge, subnet, gateway, subnet6, gateway6, wishes';
const endpointFields =
  'id, network_id AS networkId, container_id AS containerId, address, address6, mac, device, wishes, namespace, link';
const sandboxFields =
  'container_id AS containerId, container_name AS containerName, mode, key, ports, dns, route';

type Row = Record<string, unknown>;

const networkOf = (row: Row) =>
  ({ ...row, wishes: { ...plainNetwork, ...JSON.parse(String(row.wishes)) } }) as unknown as NetworkRecord;
const endpointOf = (row: Row) =>
  ({ ...row, wishes: { ...noWishes, ...JSON.parse(String(row.wishes)) } }) as unknown as EndpointRecord;
const sandboxOf = (row: Row) =>
  ({
    ...row,
    ports: JSON.parse(String(row.ports)),
    dns: JSON.parse(String(row.dns)),
  }) as unknown as SandboxRecord;

/** The networks and who is where in them, in the engine's database. */
export function createNetworkStore({ sqlite, transaction }: Database): NetworkStore {
  const allNetworks = sqlite.prepare(`SELECT ${networkFields} FROM networks ORDER BY name`);
  const networkByName = sqlite.prepare(`SELECT ${networkFields} FROM networks WHERE name = ?`);
  const putNetwork = sqlite.prepare(
    `INSERT INTO networks (${networkFields})
     VALUES (:id, :name, :driver, :created, :bridge, :subnet, :gateway, :subnet6, :gateway6, :wishes)
     ON CONFLICT (id) DO UPDATE SET
       name = :name, bridge = :bridge, subnet = :subnet, gateway = :gateway, subnet6 = :subnet6,
       gateway6 = :gateway6, wishes = :wishes`,
  );
  const dropNetwork = sqlite.prepare('DELETE FROM networks WHERE id = ?');
  const allEndpoints = sqlite.prepare(`SELECT ${endpointFields} FROM endpoints ORDER BY device`);
  const endpointsByContainer = sqlite.prepare(
    `SELECT ${endpointFields} FROM endpoints WHERE container_id = ? ORDER BY device`,
  );
  const addresses = sqlite.prepare('SELECT address FROM endpoints WHERE network_id = ? AND address != 0');
  const addresses6 = sqlite.prepare("SELECT address6 FROM endpoints WHERE network_id = ? AND address6 != ''");
  const lastAddress = sqlite.prepare('SELECT last_address AS address FROM networks WHERE id = ?');
  const putLastAddress = sqlite.prepare('UPDATE networks SET last_address = ? WHERE id = ?');
  const putEndpoint = sqlite.prepare(
    `INSERT INTO endpoints
       (id, network_id, container_id, address, address6, mac, device, wishes, namespace, link)
     VALUES (:id, :networkId, :containerId, :address, :address6, :mac, :device, :wishes, :namespace, :link)`,
  );
  const putWishes = sqlite.prepare('UPDATE endpoints SET wishes = ? WHERE id = ?');
  const dropEndpoint = sqlite.prepare('DELETE FROM endpoints WHERE id = ?');
  const giveEndpoint = sqlite.prepare('UPDATE endpoints SET container_id = ? WHERE id = ?');
  const dropEndpoints = sqlite.prepare('DELETE FROM endpoints WHERE container_id = ?');
  const allSandboxes = sqlite.prepare(`SELECT ${sandboxFields} FROM sandboxes`);
  const sandboxByContainer = sqlite.prepare(`SELECT ${sandboxFields} FROM sandboxes WHERE container_id = ?`);
  const putSandbox = sqlite.prepare(
    'INSERT INTO sandboxes (container_id, container_name, mode, key, ports, dns, route) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const putPorts = sqlite.prepare('UPDATE sandboxes SET ports = ? WHERE container_id = ?');
  const putRoute = sqlite.prepare('UPDATE sandboxes SET route = ? WHERE container_id = ?');
  const putName = sqlite.prepare('UPDATE sandboxes SET container_name = ? WHERE container_id = ?');
  const dropSandbox = sqlite.prepare('DELETE FROM sandboxes WHERE container_id = ?');
  const endpointsOf = (containerId: string) => endpointsByContainer.all(containerId).map(endpointOf);

  return {
    networks: () => allNetworks.all().map(networkOf),
    network: (name) => {
      const row = networkByName.get(name);
      return row && networkOf(row);
    },
    saveNetwork: (network) => void putNetwork.run({ ...network, wishes: JSON.stringify(network.wishes) }),
    removeNetwork: (id) => void dropNetwork.run(id),
    endpoints: () => allEndpoints.all().map(endpointOf),
    endpointsOf,
    addressesOf: (networkId) => new Set(addresses.all(networkId).map((row) => Number(row.address))),
    addresses6Of: (networkId) => new Set(addresses6.all(networkId).map((row) => String(row.address6))),
    lastAddress: (networkId) => Number(lastAddress.get(networkId)?.address ?? 0),
    addEndpoint: (endpoint) =>
      transaction(() => {
        putEndpoint.run({ ...endpoint, wishes: JSON.stringify(endpoint.wishes) });
        if (endpoint.address !== 0) putLastAddress.run(endpoint.address, endpoint.networkId);
      }),
    giveEndpoint: (id, containerId, wishes) =>
      transaction(() => {
        giveEndpoint.run(containerId, id);
        putWishes.run(JSON.stringify(wishes), id);
      }),
    removeEndpoint: (id) => void dropEndpoint.run(id),
    sandboxes: () => allSandboxes.all().map(sandboxOf),
    sandbox: (containerId) => {
      const row = sandboxByContainer.get(containerId);
      return row && sandboxOf(row);
    },
    attach: (sandbox, members) =>
      transaction(() => {
        const { containerId, containerName, mode, key, route } = sandbox;
        const [ports, dns] = [JSON.stringify(sandbox.ports), JSON.stringify(sandbox.dns)];
        putSandbox.run(containerId, containerName, mode, key, ports, dns, route);
        for (const { id, wishes } of members) {
          giveEndpoint.run(containerId, id);
          putWishes.run(JSON.stringify(wishes), id);
        }
      }),
    savePorts: (containerId, ports) => void putPorts.run(JSON.stringify(ports), containerId),
    saveRoute: (containerId, route) => void putRoute.run(route, containerId),
    rename: (containerId, name, dnsNames) =>
      transaction(() => {
        putName.run(name, containerId);
        for (const { id, wishes } of endpointsOf(containerId)) {
          putWishes.run(JSON.stringify({ ...wishes, dnsNames: dnsNames.get(id) ?? wishes.dnsNames }), id);
        }
      }),
    detach: (containerId) =>
      transaction(() => {
        dropSandbox.run(containerId);
        dropEndpoints.run(containerId);
      }),
  };
}
