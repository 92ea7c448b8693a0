import type { Filters } from '@davit/api';
import { isEarlier } from '../clock.ts';
import { EngineError } from '../errors.ts';
import type { Sandbox } from '../networks/service.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import { networksOf } from './inspect.ts';

const bad = (message: string) => new EngineError('badParameter', message);

/** What filters compare a container with. */
export interface Candidate {
  record: ContainerRecord;
  sandbox: Sandbox | null;
}

/** What filters ask of the rest of the engine. */
export interface FilterContext {
  /** The container with a name or ID; throws when there is none. */
  find(name: string): ContainerRecord;
  /** The image with a name; null when there is none. */
  image(name: string): { id: string; layers: readonly string[] } | null;
}

type Test = (candidate: Candidate) => boolean;
type FilterMaker = (value: string, context: FilterContext) => Test;

const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const health = ['starting', 'healthy', 'unhealthy', 'none'];

/** A pattern as filters take it: the text itself, or a regular expression. */
function pattern(value: string): (text: string) => boolean {
  try {
    const expression = new RegExp(value);
    return (text) => text === value || expression.test(text);
  } catch {
    return (text) => text === value;
  }
}

/** The ports that `80`, `80/udp` or `8000-8010/tcp` mean. */
function portsOf(filter: string, value: string): Set<string> {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(value);
  const [, first, last = first, protocol = 'tcp'] = match ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!match || from > to || to > 65535)
    throw bad(`error while looking up for ${filter} ${value}: invalid port`);
  return new Set(Array.from({ length: to - from + 1 }, (_, offset) => `${from + offset}/${protocol}`));
}

const hasPort = (ports: object | null, wanted: Set<string>) =>
  Object.keys(ports ?? {}).some((port) => wanted.has(port.includes('/') ? port : `${port}/tcp`));

const makers: Record<string, FilterMaker> = {
  id: (value) => {
    const matches = pattern(value);
    return ({ record }) => record.id.startsWith(value) || matches(record.id);
  },
  name: (value) => {
    const matches = pattern(value);
    return ({ record }) => matches(record.name) || matches(`/${record.name}`);
  },
  label: (value) => {
    const equals = value.indexOf('=');
    const key = equals < 0 ? value : value.slice(0, equals);
    return ({ record }) => {
      const found = record.config.Labels?.[key];
      return found !== undefined && (equals < 0 || found === value.slice(equals + 1));
    };
  },
  status: (value) => {
    if (!states.includes(value)) throw bad(`invalid filter 'status=${value}'`);
    return ({ record }) => record.state.status === value;
  },
  exited: (value) => {
    if (!/^-?\d+$/.test(value)) throw bad(`invalid filter 'exited=${value}'`);
    return ({ record: { state } }) => state.status === 'exited' && state.exitCode === Number(value);
  },
  ancestor: (value, { image }) => {
    const ancestor = image(value);
    if (!ancestor) return () => false;
    return ({ record }) =>
      record.imageId === ancestor.id ||
      (ancestor.layers.length > 0 && ancestor.layers.every((layer, index) => record.layers[index] === layer));
  },
  before: (value, { find }) => {
    const { id, created } = find(value);
    return ({ record }) => record.id !== id && isEarlier(record.created, created);
  },
  since: (value, { find }) => {
    const { id, created } = find(value);
    return ({ record }) => record.id !== id && isEarlier(created, record.created);
  },
  network: (value) => (candidate) =>
    Object.entries(networksOf(candidate.record, candidate.sandbox)).some(
      ([name, { NetworkID }]) => name === value || (NetworkID !== '' && NetworkID.startsWith(value)),
    ),
  volume: (value) => (candidate) =>
    candidate.record.mounts.some(
      ({ destination, source, volume }) => destination === value || (volume?.name ?? source) === value,
    ),
  publish: (value) => {
    const wanted = portsOf('publish', value);
    return ({ record, sandbox }) =>
      hasPort(record.hostConfig.PortBindings, wanted) || hasPort(sandbox?.ports ?? {}, wanted);
  },
  expose: (value) => {
    const wanted = portsOf('expose', value);
    return ({ record }) => hasPort(record.config.ExposedPorts, wanted);
  },
  'is-task': (value) => {
    if (!/^(true|false|1|0)$/i.test(value)) throw bad(`invalid filter 'is-task=[${value}]'`);
    return () => /^(false|0)$/i.test(value);
  },
  health: (value) => {
    if (!health.includes(value)) throw bad(`unrecognised filter value for health: ${value}`);
    return ({ record }) => (record.state.health?.status ?? 'none') === value;
  },
  isolation: () => () => false,
};

/** All values of these must match, of all others any. */
const conjunctive = ['label'];

/** Makes one test of all filters. Throws for those that make no sense. */
export function createFilter(filters: Filters, context: FilterContext): Test {
  const tests = Object.entries(filters).map(([name, values]): Test => {
    const maker = makers[name];
    if (!maker) throw bad(`invalid filter '${name}'`);
    const each = values.map((value) => maker(value, context));
    if (each.length === 0) return () => true;
    return (candidate) =>
      conjunctive.includes(name)
        ? each.every((test) => test(candidate))
        : each.some((test) => test(candidate));
  });
  return (candidate) => tests.every((test) => test(candidate));
}

/** Whether filters speak of containers that do not run, so that those are listed without being asked for. */
function includesStopped(filters: Filters): boolean {
  return Boolean(filters.status?.length || filters.exited?.length);
}

/** The containers that a list shows, the youngest first. `limit` counts those that do not run as well. */
export function selectContainers(
  candidates: Candidate[],
  query: { all: boolean; limit: number | null; filters: Filters },
  context: FilterContext,
): Candidate[] {
  const matches = createFilter(query.filters, context);
  const limit = query.limit ?? 0;
  const all = query.all || limit > 0 || includesStopped(query.filters);
  const selected = candidates
    .filter(({ record }) => all || isRunning(record))
    .filter(matches)
    .sort((first, second) => (isEarlier(first.record.created, second.record.created) ? 1 : -1));
  return limit > 0 ? selected.slice(0, limit) : selected;
}
