import { readFileSync } from 'node:fs';
import { EngineError, messageOf } from '../errors.ts';
import { withoutPassword } from '../proxies.ts';
import { foreignSettings, kindNames, longFlag, settings, type Value, type Values } from './options.ts';
import { readValue } from './values.ts';

const defaultFile = '/etc/davit/daemon.json';

/** Reads the configuration file: the one that is named, or the usual one if there is one. */
export function readConfigFile(named: string | undefined): Values {
  const path = named ?? defaultFile;
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new EngineError('badParameter', `cannot read the configuration file: ${messageOf(error)}`);
  }
  return parseConfig(content, path);
}

/** Reads the text of a configuration file; `path` is named in errors. */
export function parseConfig(content: string, path: string): Values {
  const refuse = (what: string): never => {
    throw new EngineError('badParameter', `cannot start with ${path}: ${what}`);
  };
  const values: Values = {};
  for (const [key, value] of flattened(parseObject(content, refuse), refuse)) {
    const setting = settings.find((one) => one.key === key);
    if (setting) {
      values[key] = readValue(setting.kind, value) ?? refuse(`${key} must be ${kindNames[setting.kind]}`);
      continue;
    }
    const foreign = foreignSettings.find((one) => one.key === key);
    if (!foreign) refuse(`the directive ${JSON.stringify(key)} is not known`);
    else if (foreign.value === undefined || foreign.value !== value)
      refuse(`${key} cannot be used: ${foreign.why}`);
  }
  return values;
}

/** The keys and values of the file, those of its objects that hold settings by names with a dot. */
function flattened(
  content: Record<string, unknown>,
  refuse: (what: string) => never,
): [key: string, value: unknown][] {
  return Object.entries(content).flatMap(([key, value]): [string, unknown][] => {
    if (key.includes('.')) refuse(`the directive ${JSON.stringify(key)} is not known`);
    if (!settings.some((setting) => setting.key.startsWith(`${key}.`))) return [[key, value]];
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(`${key} must be an object`);
    return Object.entries(value).map(([inner, one]) => [`${key}.${inner}`, one]);
  });
}

function parseObject(content: string, refuse: (what: string) => never): Record<string, unknown> {
  const text = content.replace(/^\uFEFF/, '').trim();
  if (text === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse(messageOf(error));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return refuse('it must hold a JSON object');
  return parsed as Record<string, unknown>;
}

/** A value for people to see, without the password that a proxy may have. */
const shown = (value: Value | undefined): string =>
  JSON.stringify(typeof value === 'string' ? withoutPassword(value) : value);

/** Joins what the flags and the file say; a setting must not come from both. */
export function joinValues(flags: Values, file: Values, path: string | undefined): Values {
  const twice = settings.filter(({ key }) => key in flags && key in file);
  if (twice.length > 0) {
    const list = twice.map(
      (setting) =>
        `${setting.key} (--${longFlag(setting)} says ${shown(flags[setting.key])}, the file ${shown(file[setting.key])})`,
    );
    throw new EngineError(
      'badParameter',
      `cannot start with ${path ?? defaultFile}: the following directives are specified both as a flag and in the configuration file: ${list.join(', ')}`,
    );
  }
  return { ...file, ...flags };
}
