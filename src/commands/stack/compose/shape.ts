import { CommandError } from '../../../exit.ts';

/** A value of a compose file, as YAML has it. */
export type Value = null | boolean | number | string | Value[] | Mapping;
export interface Mapping {
  [key: string]: Value;
}

/** Where a value stands and what its canonical form depends on. */
export interface Place {
  /** `services.web.image`. */
  path: string;
  /** The folder that relative paths start at. */
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  warn(text: string): void;
}

export const isMapping = (value: Value | undefined): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value may be, and how its canonical form is made. */
export interface Shape {
  /** The kind in messages: `string`, `mapping`, `list`… */
  readonly kind: string;
  /** Whether a value is of the kind at all. */
  fits(value: Value): boolean;
  /** The canonical form, with the members in their usual order. Throws CommandError. */
  read(value: Value, place: Place): Value;
  /** The shape of a member or an item. */
  below(key: string): Shape | undefined;
  /** Names of known members, in their usual order. */
  readonly members?: readonly string[];
  /** What a text means that variables were filled into. Throws Error. */
  cast?(text: string): Value;
}

export const inside = (place: Place, key: string | number): Place => ({
  ...place,
  path: place.path === '' ? String(key) : `${place.path}.${key}`,
});

/** Throws the error of a value that is not as it has to be. */
export function refuse({ path }: Place, why: string): never {
  throw new CommandError(`${path === '' ? '(root)' : path} ${why}`);
}

const none = () => undefined;

function plain(kind: string, fits: (value: Value) => boolean, cast?: (text: string) => Value): Shape {
  return {
    kind,
    fits,
    below: none,
    ...(cast ? { cast } : {}),
    read: (value, place) => (fits(value) ? value : refuse(place, `must be a ${kind}`)),
  };
}

function castNumber(text: string, isNumber: RegExp, goName: string): number {
  if (isNumber.test(text)) return Number(text);
  throw new Error(`${goName}: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function castBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (['y', 'yes', 'true', 'on'].includes(word)) return true;
  if (['n', 'no', 'false', 'off'].includes(word)) return false;
  throw new Error(`invalid boolean: ${text}`);
}

export const text = plain('string', (value) => typeof value === 'string');
export const truth = plain('boolean', (value) => typeof value === 'boolean', castBoolean);
export const integer = plain(
  'integer',
  (value) => typeof value === 'number' && Number.isInteger(value),
  (given) => castNumber(given, /^[+-]?\d+$/, 'strconv.Atoi'),
);
export const decimal = plain(
  'number',
  (value) => typeof value === 'number',
  (given) => castNumber(given, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'strconv.ParseFloat'),
);

/** The same shape with another canonical form. */
export function as(shape: Shape, make: (value: Value, place: Place) => Value): Shape {
  return { ...shape, read: (value, place) => make(shape.read(value, place), place) };
}

/** A list whose canonical items may be several for one. */
export function list(item: Shape, options: { unique?: boolean; flat?: boolean } = {}): Shape {
  return {
    kind: 'list',
    fits: Array.isArray,
    below: () => item,
    read(value, place) {
      if (!Array.isArray(value)) return refuse(place, 'must be a list');
      const items = value.map((one, index) => item.read(one, inside(place, index)));
      if (options.unique) checkUnique(items, place);
      return options.flat ? items.flat() : items;
    },
  };
}

function checkUnique(items: Value[], place: Place): void {
  const known = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const first = known.get(JSON.stringify(item));
    if (first !== undefined) refuse(place, `array items[${first},${index}] must be unique`);
    known.set(JSON.stringify(item), index);
  }
}

/** A mapping with any names, or those that a pattern allows. */
export function map(item: Shape, names?: RegExp): Shape {
  return {
    kind: 'mapping',
    fits: isMapping,
    below: () => item,
    read(value, place) {
      if (!isMapping(value)) return refuse(place, 'must be a mapping');
      const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
      return Object.fromEntries(
        entries.map(([name, one]) => {
          if (names && !names.test(name)) refuse(place, `Additional property ${name} is not allowed`);
          return [name, item.read(one, inside(place, name))];
        }),
      );
    },
  };
}

interface ObjectOptions {
  required?: readonly string[];
  /** Whether members that begin with `x-` are let through. */
  extensible?: boolean;
}

/** A mapping with known members, which are put in this order. Empty ones are left out. */
export function object(members: Record<string, Shape>, options: ObjectOptions = {}): Shape {
  return {
    kind: 'mapping',
    fits: isMapping,
    members: Object.keys(members),
    below: (key) => members[key],
    read(value, place) {
      if (!isMapping(value)) return refuse(place, 'must be a mapping');
      const extensions = Object.keys(value).filter(
        (key) => options.extensible && key.startsWith('x-') && !(key in members),
      );
      const unknown = Object.keys(value).filter((key) => !(key in members) && !extensions.includes(key));
      for (const key of unknown.sort()) refuse(place, `Additional property ${key} is not allowed`);
      for (const key of options.required ?? []) {
        if (!(key in value)) refuse(place, `${key} is required`);
      }
      const result: Mapping = {};
      for (const [key, shape] of Object.entries(members)) {
        const one = value[key];
        if (one !== undefined) result[key] = shape.read(one, inside(place, key));
      }
      for (const key of extensions.sort()) result[key] = value[key] ?? null;
      return result;
    },
  };
}

/** One shape or another, told apart by the kind of the value; the first speaks for what none fits. */
export function either(first: Shape, ...rest: Shape[]): Shape {
  const choose = (value: Value) => [first, ...rest].find((shape) => shape.fits(value)) ?? first;
  const castable = [first, ...rest].find(({ cast }) => cast);
  const members = [first, ...rest].flatMap((shape) => shape.members ?? []);
  const textual = [first, ...rest].some(({ kind }) => kind === 'string');
  return {
    kind: first.kind,
    fits: (value) => [first, ...rest].some((shape) => shape.fits(value)),
    below: (key) => [first, ...rest].map((shape) => shape.below(key)).find((shape) => shape !== undefined),
    read: (value, place) => choose(value).read(value, place),
    ...(members.length > 0 ? { members } : {}),
    ...(castable?.cast && !textual ? { cast: castable.cast } : {}),
  };
}

/** A value, or nothing at all. */
export function maybe(shape: Shape): Shape {
  return {
    ...shape,
    fits: (value) => value === null || shape.fits(value),
    read: (value, place) => (value === null ? null : shape.read(value, place)),
  };
}

/** A canonical value with the members of its mappings in their usual order, at all depths. */
export function inOrder(value: Value, shape: Shape | undefined): Value {
  if (Array.isArray(value)) return value.map((item, index) => inOrder(item, shape?.below(String(index))));
  if (!isMapping(value)) return value;
  const { members } = shape ?? {};
  const keys = Object.keys(value);
  const known = members?.filter((key) => keys.includes(key)) ?? keys.toSorted();
  const rest = members ? keys.filter((key) => !members.includes(key)) : [];
  return Object.fromEntries(
    [...known, ...rest].map((key) => [key, inOrder(value[key] ?? null, shape?.below(key))]),
  );
}
