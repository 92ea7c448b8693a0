import { posix } from 'node:path';
import type { ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { readHealthcheck } from './healthcheck.ts';
import { expandWord, type Lookup, splitWords } from './words.ts';

/** How an instruction's words are to be read. */
export interface Reading {
  /** The variables that can be used. */
  lookup: Lookup;
  /** The escape character. */
  escapedBy: string;
}

/** What one instruction does to an image's configuration. */
type Instruction = (config: ImageConfig, rest: string, name: string, reading: Reading) => void;

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** The variables that an image sets. */
export const lookupIn =
  ({ Env }: ImageConfig): Lookup =>
  (name) =>
    Env?.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

const expanded = (words: string[], { lookup, escapedBy }: Reading): string[] =>
  words.map((word) => expandWord(word, lookup, escapedBy));

/** An argument in JSON form, null when it is none: then it is meant for a shell, or a list of words. */
export function jsonForm(rest: string): string[] | null {
  if (!rest.startsWith('[')) return null;
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null;
  } catch {
    return null;
  }
}

/** A command in JSON form, or one for the shell. */
export const commandOf = (config: ImageConfig, rest: string): string[] =>
  jsonForm(rest) ?? [...(config.Shell ?? ['/bin/sh', '-c']), rest];

/** `KEY=value KEY2="two words"`, or the old form `KEY the rest of the line`. */
function pairsOf(rest: string, name: string, reading: Reading): [string, string][] {
  const words = splitWords(rest, reading.escapedBy);
  if (words.length === 0) refuse(`${name} requires at least one argument`);
  if (!words[0]?.includes('=')) {
    const [, key = '', value] = /^(\S+)\s+(.*)$/s.exec(rest) ?? [];
    if (value === undefined) refuse(`${name} must have two arguments`);
    const [only = '', is = ''] = expanded([key, value], reading);
    return [[only, is]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === -1)
      refuse(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    const [key = '', value = ''] = expanded([word.slice(0, equals), word.slice(equals + 1)], reading);
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

function single(rest: string, name: string, { lookup, escapedBy }: Reading): string {
  if (rest === '') refuse(`${name} requires exactly one argument`);
  return expandWord(rest, lookup, escapedBy);
}

const instructions: Record<string, Instruction> = {
  CMD(config, rest) {
    config.Cmd = commandOf(config, rest);
  },
  ENTRYPOINT(config, rest) {
    config.Entrypoint = commandOf(config, rest);
  },
  ENV(config, rest, name, reading) {
    for (const [key, value] of pairsOf(rest, name, reading)) {
      const env = config.Env ?? [];
      const at = env.findIndex((entry) => entry.startsWith(`${key}=`));
      config.Env = at === -1 ? [...env, `${key}=${value}`] : env.with(at, `${key}=${value}`);
    }
  },
  EXPOSE(config, rest, name, reading) {
    const words = expanded(splitWords(rest, reading.escapedBy), reading).flatMap((word) => splitWords(word));
    if (words.length === 0) refuse(`${name} requires at least one argument`);
    const ports = words.flatMap(portsOf).map((port) => [port, {}] as const);
    config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports) };
  },
  HEALTHCHECK(config, rest) {
    config.Healthcheck = readHealthcheck(rest, (command) => jsonForm(command));
  },
  LABEL(config, rest, name, reading) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(pairsOf(rest, name, reading)) };
  },
  ONBUILD(config, rest, name) {
    if (rest === '') refuse(`${name} requires at least one argument`);
    config.OnBuild = [...(config.OnBuild ?? []), rest];
  },
  SHELL(config, rest) {
    const words = jsonForm(rest);
    if (!words) refuse('SHELL requires the arguments to be in JSON form');
    if (words.length === 0) refuse('SHELL requires at least one argument');
    config.Shell = words;
  },
  STOPSIGNAL(config, rest, name, reading) {
    const signal = single(rest, name, reading);
    if (!/^(?:SIG)?[A-Z][A-Z0-9+-]*$|^\d{1,2}$/i.test(signal)) refuse(`invalid signal: ${signal}`);
    config.StopSignal = signal;
  },
  USER(config, rest, name, reading) {
    config.User = single(rest, name, reading);
  },
  VOLUME(config, rest, name, reading) {
    const paths = expanded(jsonForm(rest) ?? splitWords(rest, reading.escapedBy), reading);
    if (paths.length === 0) refuse(`${name} requires at least one argument`);
    if (paths.includes('')) refuse('VOLUME specified can not be an empty string');
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  },
  WORKDIR(config, rest, name, reading) {
    config.WorkingDir = posix.resolve(config.WorkingDir || '/', single(rest, name, reading));
  },
};

/** Applies one instruction, by its name in upper case, to a configuration; says whether there is such a one. */
export function applyInstruction(config: ImageConfig, name: string, rest: string, reading: Reading): boolean {
  const instruction = Object.hasOwn(instructions, name) ? instructions[name] : undefined;
  instruction?.(config, rest, name, reading);
  return instruction !== undefined;
}

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
    const reading = { lookup: lookupIn(changed), escapedBy: '\\' };
    if (name === 'SHELL' || !applyInstruction(changed, name, rest.trim(), reading))
      refuse(`${word.toLowerCase()} is not a valid change command`);
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
