import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { CommandError } from '../../../exit.ts';
import { collectEnvironment } from '../../container/options/environment.ts';
import { splitPair } from '../../values.ts';
import { composeFile, sections } from './file-shape.ts';
import { interpolate } from './interpolate.ts';
import { mergeFiles } from './merge.ts';
import { isMapping, type Mapping, type Place, type Value } from './shape.ts';

/** A compose file as it was read. */
export interface Source {
  /** Its path, `-` for standard input. */
  name: string;
  content: string;
}

export interface LoadOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths of standard input start at. */
  workingDirectory: string;
  /** Whether variables are left as they are. */
  skipInterpolation?: boolean;
  warn(text: string): void;
}

/** The newest version of the format: what files without a version have. */
const newestVersion = '3.13';

/** Numbers with a zero before them are octal, as in YAML 1.1. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** Options of older formats that a Swarm cannot fulfil, and what stands in their place. */
const forbidden: Record<string, string> = {
  extends: 'files are put over each other with several --compose-file',
  volume_driver: 'use a volume with a driver',
  volumes_from: 'use a named volume',
  cpu_quota: 'use deploy.resources.limits.cpus',
  cpu_shares: 'use deploy.resources.reservations.cpus',
  cpuset: 'a Swarm does not pin CPUs',
  mem_limit: 'use deploy.resources.limits.memory',
  memswap_limit: 'a Swarm has no limit of swap',
};

function parseSource({ content }: Source): Mapping {
  const lines = new LineCounter();
  const document = parseDocument(content, {
    merge: true,
    customTags: (tags) => [octal, ...tags],
    lineCounter: lines,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new CommandError(`yaml: line ${line}: ${error.message}`, 1, { cause: error });
  }
  const value = document.toJS() as Value;
  if (!isMapping(value)) throw new CommandError('top-level object must be a mapping');
  return value;
}

/** The version of a file. Throws CommandError when it is not one of the third. */
function versionOf({ version }: Mapping): string {
  if (version === undefined || version === '3') return newestVersion;
  if (typeof version !== 'string') throw new CommandError('version must be a string');
  if (!/^3(\.\d+)?$/.test(version)) throw new CommandError(`unsupported Compose file version: ${version}`);
  return version;
}

function checkForbidden({ services }: Mapping): void {
  if (!isMapping(services)) return;
  const used = Object.values(services).flatMap((service) => (isMapping(service) ? Object.keys(service) : []));
  const known = [...new Set(used)].filter((key) => Object.hasOwn(forbidden, key));
  if (known.length === 0) return;
  throw new CommandError('Configuration contains forbidden properties', 1, {
    detail: known.map((key) => `${key}: ${forbidden[key]}`).join('\n'),
  });
}

/** The variables of a service, with those of its files, and values from ours where none are given. */
function withEnvironment(service: Mapping, { directory, environment }: Place): Mapping {
  const files = ((service.env_file ?? []) as string[]).map((path) => resolve(directory, path));
  const own = Object.entries((service.environment ?? {}) as Mapping);
  if (files.length === 0 && own.length === 0) return service;
  const fromFiles: [string, Value][] = collectEnvironment(files, [], environment).map(splitPair);
  const all = new Map([
    ...fromFiles,
    ...own.map(([name, value]): [string, Value] => [name, value ?? environment[name] ?? null]),
  ]);
  const sorted = [...all].sort(([one], [other]) => (one < other ? -1 : 1));
  return { ...service, environment: Object.fromEntries(sorted) };
}

function readSource(source: Source, place: Place, skipInterpolation: boolean): Mapping {
  const parsed = parseSource(source);
  const version = versionOf(parsed);
  checkForbidden(parsed);
  const filled = Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => {
      const shape = sections[name];
      if (!shape) return [name, value];
      if (!isMapping(value) && value !== null) throw new CommandError(`${name} must be a mapping`);
      const section = value ?? {};
      return [name, skipInterpolation ? section : interpolate(section, shape, name, place.environment)];
    }),
  );
  const read = composeFile.read({ ...filled, version }, place) as Mapping;
  const services = Object.entries((read.services ?? {}) as Mapping).map(([name, service]) => [
    name,
    withEnvironment(service as Mapping, place),
  ]);
  return { ...read, services: Object.fromEntries(services) };
}

/**
 * Reads compose files, fills their variables in, checks them, puts them into their canonical form and over each other.
 * Throws CommandError in docker's words when one is not as it has to be.
 */
export function loadCompose(sources: readonly Source[], options: LoadOptions): Mapping {
  const first = sources[0];
  if (!first) throw new CommandError('Specify a Compose file (with --compose-file)');
  const { workingDirectory, environment, warn } = options;
  const directory = first.name === '-' ? workingDirectory : dirname(resolve(workingDirectory, first.name));
  const place: Place = { path: '', directory, environment, warn };
  return sources
    .map((source) => readSource(source, place, options.skipInterpolation ?? false))
    .reduce(mergeFiles);
}
