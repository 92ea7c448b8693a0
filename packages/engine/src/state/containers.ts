import type {
  ContainerConfig,
  ContainerStatus,
  EndpointSettings,
  HealthResult,
  HealthStatus,
  HostConfig,
} from '@davit/api';
import { EngineError } from '../errors.ts';
import type { Database, Schema } from './database.ts';

/** A mount as it was understood when the container was created. */
export interface ContainerMount {
  type: 'bind' | 'tmpfs' | 'volume' | 'image';
  /** Path on the host; empty for a tmpfs. */
  source: string;
  destination: string;
  /** The mode as it was written after the last colon of `-v`. */
  mode: string;
  readOnly: boolean;
  propagation: string;
  nonRecursive: boolean;
  /** Options of a tmpfs. */
  options: string;
  /** `-v` makes a source that is missing, `--mount` does not. */
  createSource: boolean;
  /** Whether what is mounted below a read-only source is writable, or must be read-only; empty: as the kernel can. */
  recursion?: '' | 'writable' | 'readonly';
  /** What it is of when it is of type volume. */
  volume?: MountedVolume;
  /** What it is of when it is of type image. */
  image?: MountedImage;
}

export interface MountedVolume {
  name: string;
  driver: string;
  /** The container was given no name for it: it is removed with the container, when that is asked for. */
  isAnonymous: boolean;
  /** Filled with what the image has at the destination, as long as it is empty. */
  isFilled: boolean;
  /** Folder or file in it that is mounted instead of all; empty: all. */
  subpath: string;
}

export interface MountedImage {
  /** As it was asked for. */
  name: string;
  id: string;
  layers: readonly string[];
  subpath: string;
  /** The name of its writable root among those of containers. */
  root: string;
}

/** Another container that one knows under a name of its own. */
export interface ContainerLink {
  readonly alias: string;
  readonly id: string;
  /** What the other was called when the link was made. */
  readonly name: string;
}

/** How well a container is, by its own health check. */
export interface RecordedHealth {
  status: HealthStatus;
  failingStreak: number;
  /** The last results, oldest first. */
  log: HealthResult[];
}

/** What changes in the life of a container. */
export interface RecordedState {
  status: ContainerStatus;
  pid: number;
  /** The boot of the machine in which this state was reached. */
  boot: string;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  restartCount: number;
  /** Someone asked for the end: no restart policy is to undo that. */
  stoppedByHand: boolean;
  /** Mounts, a network and cgroups may be left of it. */
  holdsResources: boolean;
  /** Missing before the first start, and of a container without a health check. */
  health?: RecordedHealth;
}

/** Everything that is known of a container. Never changed in place: each change makes a new one. */
export interface ContainerRecord {
  readonly id: string;
  /** Without the slash that the API puts before it. */
  readonly name: string;
  readonly created: string;
  readonly imageId: string;
  /** Chain IDs of the image's layers, base first. */
  readonly layers: readonly string[];
  readonly path: string;
  readonly args: readonly string[];
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** What was asked for in each network, by its name. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly mounts: readonly ContainerMount[];
  /** Links of the default network; missing for none. */
  readonly links?: readonly ContainerLink[];
  readonly state: Readonly<RecordedState>;
}

export interface ContainerStore {
  /** Adds a container. Throws a conflict when its name is taken. */
  insert(record: ContainerRecord): void;
  /** Finds a container by its whole ID, its name, the beginning of its ID, or a link to it as in `web/db`. */
  find(nameOrId: string): ContainerRecord;
  get(id: string): ContainerRecord | undefined;
  all(): ContainerRecord[];
  /** Changes the state of a container, which must exist, in one transaction. */
  setState(id: string, change: Partial<RecordedState>): ContainerRecord;
  /** Changes what a container, which must exist, asks for in its networks. */
  setEndpoints(id: string, endpoints: ContainerRecord['endpoints']): ContainerRecord;
  /** Changes what a container, which must exist, asks of the machine. */
  setHostConfig(id: string, hostConfig: HostConfig): ContainerRecord;
  /** Changes the links of a container, which must exist. */
  setLinks(id: string, links: readonly ContainerLink[]): ContainerRecord;
  /** Gives a container, which must exist, another name. Throws a conflict when it is taken. */
  rename(id: string, name: string): ContainerRecord;
  remove(id: string): void;
  /** The containers that are made of an image, or that mount it. */
  containersUsing(imageId: string): { id: string; name: string; running: boolean }[];
  /** IDs of the containers that are made with a volume. */
  containersWithVolume(name: string): string[];
}

export const schema: Schema = {
  name: 'containers',
  migrations: [
    `CREATE TABLE containers (
       id TEXT PRIMARY KEY,
       name TEXT NOT NULL UNIQUE,
       image_id TEXT NOT NULL,
       created TEXT NOT NULL,
       status TEXT NOT NULL,
       record TEXT NOT NULL,
       state TEXT NOT NULL
     ) STRICT, WITHOUT ROWID`,
  ],
};

/** Whether the container counts as running: one that waits for its restart does, as in docker. */
export function isRunning(record: ContainerRecord): boolean {
  const { status } = record.state;
  return status === 'running' || status === 'paused' || status === 'restarting';
}

/**
 * The containers of this engine. The database is written in every change and read once: this process is the
 * only one that may open it, so that lookups and lists are answered from memory.
 */
export function createContainerStore(database: Database): ContainerStore {
  const { sqlite, transaction } = database;
  const insertRow = sqlite.prepare('INSERT INTO containers VALUES (?, ?, ?, ?, ?, ?, ?)');
  const updateState = sqlite.prepare('UPDATE containers SET status = ?, state = ? WHERE id = ?');
  const updateName = sqlite.prepare('UPDATE containers SET name = ?, record = ? WHERE id = ?');
  const deleteRow = sqlite.prepare('DELETE FROM containers WHERE id = ?');
  const records = new Map<string, ContainerRecord>();
  const ids = new Map<string, string>();
  const keep = (record: ContainerRecord) => {
    records.set(record.id, record);
    ids.set(record.name, record.id);
  };
  for (const row of sqlite.prepare('SELECT record, state FROM containers').iterate()) {
    keep({ ...JSON.parse(String(row.record)), state: JSON.parse(String(row.state)) });
  }

  const missing = (name: string) => new EngineError('notFound', `No such container: ${name}`);
  const get = (id: string) => records.get(id);
  const known = (id: string): ContainerRecord => {
    const record = records.get(id);
    if (record) return record;
    throw missing(id);
  };
  /** Writes down what is new of a container beside its state. */
  const rewrite = (record: ContainerRecord): ContainerRecord => {
    const { state: _, ...fixed } = record;
    transaction(() => updateName.run(record.name, JSON.stringify(fixed), record.id));
    keep(record);
    return record;
  };
  const followLink = (path: string): ContainerRecord | undefined => {
    const slash = path.indexOf('/');
    const { links = [] } = records.get(ids.get(path.slice(0, Math.max(slash, 0))) ?? '') ?? {};
    return records.get(links.find(({ alias }) => alias === path.slice(slash + 1))?.id ?? '');
  };
  const claim = (name: string) => {
    const holder = ids.get(name);
    if (holder === undefined) return;
    throw new EngineError(
      'conflict',
      `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  };
  return {
    get,
    insert(record) {
      claim(record.name);
      const { state, ...fixed } = record;
      transaction(() =>
        insertRow.run(
          record.id,
          record.name,
          record.imageId,
          record.created,
          state.status,
          JSON.stringify(fixed),
          JSON.stringify(state),
        ),
      );
      keep(record);
    },
    find(nameOrId) {
      const whole = records.get(nameOrId) ?? records.get(ids.get(nameOrId.replace(/^\//, '')) ?? '');
      if (whole) return whole;
      const viaLink = followLink(nameOrId.replace(/^\//, ''));
      if (viaLink) return viaLink;
      if (!/^[0-9a-f]{1,64}$/.test(nameOrId)) throw missing(nameOrId);
      const matches = [...records.values()].filter((record) => record.id.startsWith(nameOrId));
      if (matches.length > 1) {
        throw new EngineError('badParameter', `multiple IDs found with provided prefix: ${nameOrId}`);
      }
      const [match] = matches;
      if (!match) throw missing(nameOrId);
      return match;
    },
    all: () => [...records.values()],
    setState(id, change) {
      const record = known(id);
      const state = { ...record.state, ...change };
      transaction(() => updateState.run(state.status, JSON.stringify(state), id));
      const changed = { ...record, state };
      keep(changed);
      return changed;
    },
    setEndpoints: (id, endpoints) => rewrite({ ...known(id), endpoints }),
    setHostConfig: (id, hostConfig) => rewrite({ ...known(id), hostConfig }),
    setLinks: (id, links) => rewrite({ ...known(id), links }),
    rename(id, name) {
      claim(name);
      const record = known(id);
      const renamed = rewrite({ ...record, name });
      ids.delete(record.name);
      return renamed;
    },
    remove(id) {
      const record = records.get(id);
      if (!record) return;
      transaction(() => deleteRow.run(id));
      records.delete(id);
      ids.delete(record.name);
    },
    containersUsing: (imageId) =>
      [...records.values()]
        .filter(
          ({ imageId: own, mounts }) => own === imageId || mounts.some(({ image }) => image?.id === imageId),
        )
        .map((record) => ({ id: record.id, name: record.name, running: isRunning(record) })),
    containersWithVolume: (name) =>
      [...records.values()]
        .filter(({ mounts }) => mounts.some(({ volume }) => volume?.name === name))
        .map(({ id }) => id),
  };
}
