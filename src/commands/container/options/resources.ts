import { FlagValueError } from '../../flag.ts';
import { parseBytes } from '../../values.ts';

/** Reads --cpus, a decimal or a fraction, to billionths of a CPU. Throws FlagValueError in docker's words. */
export function parseCpus(text: string): number {
  const decimal = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
  const [, number, divisor = '1'] = new RegExp(`^(${decimal})(?:/(\\d+))?$`, 'i').exec(text) ?? [];
  if (number === undefined || Number(divisor) === 0) {
    throw new FlagValueError(`failed to parse ${text} as a rational number`);
  }
  const nano = (Number(number) * 1e9) / Number(divisor);
  if (Math.abs(nano - Math.round(nano)) > 1e-3) throw new FlagValueError('value is too precise');
  return Math.round(nano);
}

/** Reads --memory-swap, where -1 lifts the limit. */
export function parseSwap(text: string): number {
  return text === '-1' ? -1 : parseBytes(text);
}

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

const ulimitNames = new Set([
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]);

/** Reads `NAME=SOFT[:HARD]`. Throws FlagValueError in docker's words. */
export function parseUlimit(text: string): Ulimit {
  const [, name = '', limits] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (limits === undefined) throw new FlagValueError(`invalid ulimit argument: ${text}`);
  if (!ulimitNames.has(name)) throw new FlagValueError(`invalid ulimit type: ${name}`);
  const values = limits.split(':');
  if (values.length > 2) {
    throw new FlagValueError(
      `too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``,
    );
  }
  const [soft = 0, hard = soft] = values.map(readLimit);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new FlagValueError(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: name, Soft: soft, Hard: hard };
}

function readLimit(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new FlagValueError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** Reads `PATH:RATE`, bytes a second. */
export function parseDeviceRate(text: string): { Path: string; Rate: number } {
  const { path, rest } = splitDevice(text);
  try {
    return { Path: path, Rate: parseBytes(rest) };
  } catch (error) {
    throw new FlagValueError(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
      { cause: error },
    );
  }
}

/** Reads `PATH:RATE`, operations a second. */
export function parseDeviceOperations(text: string): { Path: string; Rate: number } {
  const { path, rest } = splitDevice(text);
  if (!/^\d+$/.test(rest)) {
    throw new FlagValueError(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  }
  return { Path: path, Rate: Number(rest) };
}

/** Reads `PATH:WEIGHT`. */
export function parseDeviceWeight(text: string): { Path: string; Weight: number } {
  const { path, rest } = splitDevice(text);
  const weight = Number(rest);
  if (!/^\d+$/.test(rest) || (weight > 0 && (weight < 10 || weight > 1000))) {
    throw new FlagValueError(`invalid weight for device: ${text}`);
  }
  return { Path: path, Weight: weight };
}

function splitDevice(text: string): { path: string; rest: string } {
  const [path = '', rest] = text.split(/:(.*)/s);
  if (rest === undefined || path === '') throw new FlagValueError(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new FlagValueError(`bad format for device path: ${text}`);
  return { path, rest };
}

/** Reads one value of --device. */
export function parseDevice(text: string): {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
} {
  const parts = text.split(':');
  const [source = '', second, third] = parts;
  const isMode = (part: string) => /^[rwm]+$/.test(part);
  if (parts.length > 3 || source === '') throw new Error(`bad format for path: ${text}`);
  const target = second !== undefined && !(parts.length === 2 && isMode(second)) ? second : source;
  const mode = third ?? (parts.length === 2 && second && isMode(second) ? second : 'rwm');
  if (!target.startsWith('/')) throw new Error(`${target} is not an absolute path`);
  if (!isMode(mode)) throw new Error(`bad mode specified: ${mode}`);
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: mode };
}

/** Checks one value of --device-cgroup-rule. */
export function checkDeviceRule(text: string): string {
  if (/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) return text;
  throw new FlagValueError(`invalid device cgroup format '${text}'`);
}
