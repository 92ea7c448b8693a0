import { deploy, logging } from './deploy-shape.ts';
import {
  absolutePath,
  command,
  duration,
  expandPort,
  expandVolume,
  hosts,
  oneOrMore,
  options,
  pairs,
  texts,
} from './forms.ts';
import {
  as,
  either,
  integer,
  list,
  type Mapping,
  map,
  maybe,
  object,
  type Place,
  type Shape,
  text,
  truth,
  type Value,
} from './shape.ts';

const file: Shape = either(
  as(text, (value) => ({ source: value })),
  object({ source: text, target: text, uid: text, gid: text, mode: integer }),
);

const build = either(
  as(text, (value) => ({ context: value })),
  object(
    {
      context: text,
      dockerfile: text,
      args: pairs({ keepNull: true }),
      labels: pairs(),
      cache_from: list(text),
      extra_hosts: hosts,
      network: text,
      target: text,
      shm_size: either(text, as(integer, String)),
      isolation: text,
    },
    { extensible: true },
  ),
);

const healthcheck = object(
  {
    test: as(either(text, list(text)), (value) => (typeof value === 'string' ? ['CMD-SHELL', value] : value)),
    timeout: duration,
    interval: duration,
    retries: integer,
    start_period: duration,
    start_interval: duration,
    disable: truth,
  },
  { extensible: true },
);

const endpoint = maybe(
  object({ aliases: texts, driver_opts: options, ipv4_address: text, ipv6_address: text }),
);

const networks = as(either(list(text, { unique: true }), map(endpoint)), (value) =>
  Array.isArray(value)
    ? Object.fromEntries(value.map((name) => [String(name), null] as [string, Value]).sort())
    : value,
);

const portNumber = either(integer, text);
const port: Shape = either(
  as(portNumber, (value, place) => expandPort(String(value), place)),
  object({ mode: text, target: integer, published: integer, protocol: text }, { extensible: true }),
);

const volume: Shape = as(
  either(
    as(text, (value, place) => expandVolume(String(value), place)),
    object(
      {
        type: text,
        source: text,
        target: text,
        read_only: truth,
        consistency: text,
        bind: object({ propagation: text }, { extensible: true }),
        volume: object({ nocopy: truth, subpath: text }, { extensible: true }),
        tmpfs: object({ size: integer }, { extensible: true }),
        cluster: object({}, { extensible: true }),
      },
      { required: ['type'], extensible: true },
    ),
  ),
  (value, place) => withPath(value as Mapping, place),
);

function withPath(mount: Mapping, place: Place): Mapping {
  if (mount.type !== 'bind' || typeof mount.source !== 'string' || mount.source === '') return mount;
  return { ...mount, source: absolutePath(mount.source, place) };
}

const limit = either(integer, object({ soft: integer, hard: integer }, { required: ['soft', 'hard'] }));

/** One service of a compose file. */
export const service = object(
  {
    build,
    cap_add: texts,
    cap_drop: texts,
    cgroupns_mode: text,
    cgroup_parent: text,
    command,
    configs: list(file),
    container_name: text,
    credential_spec: object({ config: text, file: text, registry: text }, { extensible: true }),
    depends_on: texts,
    deploy: maybe(deploy),
    devices: texts,
    dns: oneOrMore,
    dns_search: oneOrMore,
    domainname: text,
    entrypoint: command,
    environment: pairs({ keepNull: true }),
    env_file: oneOrMore,
    expose: list(either(text, as(integer, String)), { unique: true }),
    external_links: texts,
    extra_hosts: hosts,
    hostname: text,
    healthcheck,
    image: text,
    init: truth,
    ipc: text,
    isolation: text,
    labels: pairs(),
    links: texts,
    logging,
    mac_address: text,
    network_mode: text,
    networks,
    oom_score_adj: integer,
    pid: maybe(text),
    ports: list(port, { unique: true, flat: true }),
    privileged: truth,
    read_only: truth,
    restart: text,
    secrets: list(file),
    security_opt: texts,
    shm_size: either(text, as(integer, String)),
    stdin_open: truth,
    stop_grace_period: duration,
    stop_signal: text,
    sysctls: pairs(),
    tmpfs: oneOrMore,
    tty: truth,
    ulimits: map(limit, /^[a-z]+$/),
    user: text,
    userns_mode: text,
    volumes: list(volume, { unique: true }),
    working_dir: text,
  },
  { extensible: true },
);
