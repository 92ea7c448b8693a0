import { EngineError } from '../errors.ts';
import { readBuilder } from './builder.ts';
import type { Kind, Value } from './options.ts';

/** Reads a truth value as Go programs do; undefined for anything else. */
export function readSwitch(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true;
  return /^(0|f|false)$/i.test(text) ? false : undefined;
}

/** Reads `--add-runtime name=path`. */
export function parseRuntime(text: string): Record<string, { path: string; args: string[] }> {
  const [, name, path] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
  if (!name || !path)
    throw new EngineError('badParameter', `invalid runtime ${JSON.stringify(text)}: use name=path`);
  return { [name]: { path, args: [] } };
}

const isText = (value: unknown) => typeof value === 'string';
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText);

/** Checks that a value of the configuration file is of its setting's kind. */
export function readValue(kind: Kind, value: unknown): Value | undefined {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'switch':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
    case 'list':
      return isTextList(value) ? (value as string[]) : undefined;
    case 'runtimes':
      return readRuntimes(value);
    case 'pools':
      return readPools(value);
    case 'builder':
      return readBuilder(value);
    case 'pairs':
      return readPairs(value);
  }
}

/** A map, in the notation of its flag. */
function readPairs(value: unknown): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const pairs = Object.entries(value);
  return pairs.every(([, text]) => isText(text)) ? pairs.map(([name, text]) => `${name}=${text}`) : undefined;
}

/** Pools of addresses, in the notation of their flag. */
function readPools(value: unknown): Value | undefined {
  if (!Array.isArray(value)) return undefined;
  const pools = value.map((pool) =>
    typeof pool?.base === 'string' && Number.isSafeInteger(pool?.size)
      ? `base=${pool.base},size=${pool.size}`
      : null,
  );
  return pools.every((pool) => pool !== null) ? pools : undefined;
}

function readRuntimes(value: unknown): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const runtimes: Record<string, { path: string; args: string[] }> = {};
  for (const [name, runtime] of Object.entries(value)) {
    if (typeof runtime?.path !== 'string' || !isTextList(runtime.runtimeArgs ?? [])) return undefined;
    runtimes[name] = { path: runtime.path, args: runtime.runtimeArgs ?? [] };
  }
  return runtimes;
}
