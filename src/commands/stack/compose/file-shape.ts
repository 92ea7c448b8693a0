import { CommandError } from '../../../exit.ts';
import { absolutePath, bytes, options, pairs } from './forms.ts';
import { service } from './service-shape.ts';
import {
  as,
  either,
  isMapping,
  list,
  type Mapping,
  map,
  maybe,
  object,
  type Place,
  type Shape,
  text,
  truth,
} from './shape.ts';

/** What is the Swarm's already, by its own name or another. */
const external = either(truth, object({ name: text }, { extensible: true }));

/** The part of a path after its last dot: the name of an object. */
const nameOf = ({ path }: Place) => path.slice(path.indexOf('.') + 1);

/** Brings `external` into its one form. Throws CommandError when it contradicts the name. */
function settleExternal(kind: string, value: Mapping, place: Place): Mapping {
  const key = nameOf(place);
  const { external: given, ...rest } = value;
  if (given === undefined || given === false) return rest;
  if (!isMapping(given)) return { ...rest, name: rest.name ?? key, external: true };
  const name = String(given.name ?? key);
  if (rest.name !== undefined) {
    throw new CommandError(
      `${kind} ${key}: ${kind}.external.name and ${kind}.name conflict; only use ${kind}.name`,
    );
  }
  if (given.name !== undefined) {
    place.warn(`${kind} ${key}: ${kind}.external.name is deprecated in favor of ${kind}.name`);
  }
  return { ...rest, name, external: true };
}

/** Members in their order; `external` has its place among them. */
function ordered(value: Mapping, order: readonly string[]): Mapping {
  const known = order.filter((key) => key in value);
  const rest = Object.keys(value).filter((key) => !order.includes(key));
  return Object.fromEntries([...known, ...rest].map((key) => [key, value[key] ?? null]));
}

function resource(
  kind: string,
  members: Record<string, Shape>,
  settle?: (value: Mapping, place: Place) => Mapping,
): Shape {
  const shape = maybe(object({ ...members, external }, { extensible: true }));
  return as(shape, (value, place) => {
    const settled = settleExternal(kind, (value ?? {}) as Mapping, place);
    return ordered(settle ? settle(settled, place) : settled, Object.keys(members));
  });
}

const ipam = object(
  { driver: text, config: list(object({ subnet: text }, { extensible: true })) },
  { extensible: true },
);

const network = resource('network', {
  name: text,
  driver: text,
  driver_opts: options,
  ipam,
  external,
  internal: truth,
  attachable: truth,
  labels: pairs(),
});

const topology = list(object({ segments: map(text) }));
const cluster = object({
  group: text,
  access_mode: object({
    scope: text,
    sharing: text,
    mount_volume: object({ fs_type: text, mount_flags: list(text) }),
    block_volume: object({}),
  }),
  accessibility_requirements: object({ requisite: topology, preferred: topology }),
  capacity_range: object({ required_bytes: bytes, limit_bytes: bytes }),
  secrets: list(object({ key: text, secret: text })),
  availability: text,
});

const volume = resource(
  'volume',
  {
    name: text,
    driver: text,
    driver_opts: options,
    external,
    labels: pairs(),
    'x-cluster-spec': cluster,
  },
  (value, place) => {
    if (value.external !== true) return value;
    for (const key of ['driver', 'driver_opts', 'labels']) {
      if (!(key in value)) continue;
      throw new CommandError(
        `conflicting parameters "external" and "${key}" specified for volume "${nameOf(place)}"`,
      );
    }
    return value;
  },
);

const stored = (kind: string) =>
  resource(
    kind,
    {
      name: text,
      file: text,
      external,
      labels: pairs(),
      driver: text,
      driver_opts: options,
      template_driver: text,
    },
    (value, place) => {
      if (value.external === true) return value;
      if (value.driver !== undefined) {
        if (value.file === undefined) return value;
        throw new CommandError(
          `${kind} ${nameOf(place)}: ${kind}.driver and ${kind}.file conflict; only use ${kind}.driver`,
        );
      }
      return { ...value, file: absolutePath(String(value.file ?? ''), place) };
    },
  );

const names = /^[a-zA-Z0-9._-]+$/;

/** Parts of a compose file that variables are filled into. */
export const sections: Record<string, Shape> = {
  services: map(service, names),
  networks: map(network, names),
  volumes: map(volume, names),
  secrets: map(stored('secret'), names),
  configs: map(stored('config'), names),
};

/** A compose file. */
export const composeFile = object({ version: text, ...sections }, { extensible: true });
