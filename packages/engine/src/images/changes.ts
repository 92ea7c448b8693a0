import { posix } from 'node:path';
import type { ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { readHealthcheck } from './healthcheck.ts';
import { expandWord, splitWords } from './words.ts';

/** What one instruction does to an image's configuration. */
type Instruction = (config: ImageConfig, rest: string, name: string) => void;

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** The variables that are set so far can be used in most instructions. */
const lookupIn =
  ({ Env }: ImageConfig) =>
  (name: string) =>
    Env?.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

function expanded(config: ImageConfig, words: string[]): string[] {
  return words.map((word) => expandWord(word, lookupIn(config)));
}

/** An argument in JSON form, null when it is none: then it is meant for a shell, or a list of words. */
function jsonForm(rest: string): string[] | null {
  if (!rest.startsWith('[')) return null;
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null;
  } catch {
    return null;
  }
}

const commandOf = (config: ImageConfig, rest: string): string[] =>
  jsonForm(rest) ?? [...(config.Shell ?? ['/bin/sh', '-c']), rest];

/** `KEY=value KEY2="two words"`, or the old form `KEY the rest of the line`. */
function pairsOf(config: ImageConfig, rest: string, name: string): [string, string][] {
  const words = splitWords(rest);
  if (words.length === 0) refuse(`${name} requires at least one argument`);
  if (!words[0]?.includes('=')) {
    const [, key = '', value] = /^(\S+)\s+(.*)$/s.exec(rest) ?? [];
    if (value === undefined) refuse(`${name} must have two arguments`);
    return [[expandWord(key, lookupIn(config)), expandWord(value, lookupIn(config))]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === -1)
      refuse(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    const [key = '', value = ''] = expanded(config, [word.slice(0, equals), word.slice(equals + 1)]);
    if (key === '') refuse(`${name} names can not be blank`);
    return [key, value];
  });
}

function portsOf(specification: string): string[] {
  const [, first = '', last = first, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(specification) ??
    refuse(`invalid containerPort: ${specification}`);
  const [from, to] = [Number(first), Number(last)];
  if (from > to || to > 65_535) refuse(`invalid containerPort: ${specification}`);
  return Array.from({ length: to - from + 1 }, (_, at) => `${from + at}/${protocol.toLowerCase()}`);
}

function single(config: ImageConfig, rest: string, name: string): string {
  if (rest === '') refuse(`${name} requires exactly one argument`);
  return expandWord(rest, lookupIn(config));
}

const instructions: Record<string, Instruction> = {
  CMD(config, rest) {
    config.Cmd = commandOf(config, rest);
  },
  ENTRYPOINT(config, rest) {
    config.Entrypoint = commandOf(config, rest);
  },
  ENV(config, rest, name) {
    for (const [key, value] of pairsOf(config, rest, name)) {
      const env = config.Env ?? [];
      const at = env.findIndex((entry) => entry.startsWith(`${key}=`));
      config.Env = at === -1 ? [...env, `${key}=${value}`] : env.with(at, `${key}=${value}`);
    }
  },
  EXPOSE(config, rest, name) {
    const words = expanded(config, splitWords(rest));
    if (words.length === 0) refuse(`${name} requires at least one argument`);
    const ports = words.flatMap(portsOf).map((port) => [port, {}] as const);
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports) };
  },
  HEALTHCHECK(config, rest) {
    config.Healthcheck = readHealthcheck(rest, (command) => jsonForm(command));
  },
  LABEL(config, rest, name) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(pairsOf(config, rest, name)) };
  },
  ONBUILD(config, rest, name) {
    if (rest === '') refuse(`${name} requires at least one argument`);
    config.OnBuild = [...(config.OnBuild ?? []), rest];
  },
  STOPSIGNAL(config, rest, name) {
    const signal = single(config, rest, name);
    if (!/^(?:SIG)?[A-Z][A-Z0-9+-]*$|^\d{1,2}$/i.test(signal)) refuse(`invalid signal: ${signal}`);
    config.StopSignal = signal;
  },
  USER(config, rest, name) {
    config.User = single(config, rest, name);
  },
  VOLUME(config, rest, name) {
    const paths = expanded(config, jsonForm(rest) ?? splitWords(rest));
    if (paths.length === 0) refuse(`${name} requires at least one argument`);
    if (paths.includes('')) refuse('VOLUME specified can not be an empty string');
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  },
  WORKDIR(config, rest, name) {
    config.WorkingDir = posix.resolve(config.WorkingDir || '/', single(config, rest, name));
  },
};

/**
 * Applies Dockerfile instructions, as `import --change` gives them, to an image's configuration and returns the
 * new one. Throws `badParameter`.
 */
export function applyChanges(config: ImageConfig, changes: string[]): ImageConfig {
  const changed = structuredClone(config);
  const given = new Set<string>();
  for (const line of logicalLines(changes)) {
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
    const name = word.toUpperCase();
    const instruction = Object.hasOwn(instructions, name) ? instructions[name] : undefined;
    if (!instruction) refuse(`${word.toLowerCase()} is not a valid change command`);
    instruction(changed, rest.trim(), name);
    given.add(name);
  }
  // A command belongs to the entrypoint that it was written for.
  if (given.has('ENTRYPOINT') && !given.has('CMD')) changed.Cmd = null;
  return changed;
}

/** The lines of a Dockerfile without comments; a backslash at the end of a line goes on with the next. */
function logicalLines(changes: string[]): string[] {
  const lines = changes.flatMap((change) => change.split('\n')).filter((line) => !/^\s*#/.test(line));
  const text = lines.join('\n').replace(/\\[ \t]*\n/g, '');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
