import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { objectOf, type Values } from './object.ts';

/** What davit reads of docker's config.json. */
export interface ConfigFile {
  /** The directory that holds config.json, contexts and plugins. */
  readonly directory: string;
  readonly currentContext: string;
  readonly detachKeys: string;
  /** Headers sent with every request. */
  readonly httpHeaders: Record<string, string>;
  /** Environment variables for containers, by the host they belong to, `default` for all others. */
  readonly proxies: Record<string, Record<string, string>>;
  /** Words that stand for others: `builder`, in docker, and whatever is no command of davit's. */
  readonly aliases: Record<string, string>;
  /** Folders with plugins, before all others. */
  readonly extraDirectories: readonly string[];
  /** A default template, by its key in the file: `psFormat`, `imagesFormat`, … Empty when there is none. */
  format(key: string): string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The directory of docker's client configuration: `--config`, DOCKER_CONFIG or ~/.docker, which is in the current
 * directory for a user without a home, as docker has it.
 */
export function configDirectory(flag: string | undefined, environment: Environment): string {
  return flag || environment.DOCKER_CONFIG || join(environment.HOME || homeOfUser(), '.docker');
}

/** Empty for a user that the system does not know. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** Reads config.json; a file that cannot be read is told to `warn` and counts as empty, as with docker. */
export function readConfigFile(directory: string, warn: (message: string) => void): ConfigFile {
  const path = join(directory, 'config.json');
  const values = readObject(path, warn);
  const text = (key: string) => (typeof values[key] === 'string' ? values[key] : '');
  return {
    directory,
    currentContext: text('currentContext'),
    detachKeys: text('detachKeys'),
    httpHeaders: textsOf(values.HttpHeaders),
    proxies: Object.fromEntries(
      Object.entries(objectOf(values.proxies)).map(([host, variables]) => [host, textsOf(variables)]),
    ),
    aliases: textsOf(values.aliases),
    extraDirectories: listOf(values.cliPluginsExtraDirs),
    format: text,
  };
}

function readObject(path: string, warn: (message: string) => void): Values {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') warn(`WARNING: Error loading config file: ${path}: ${message}`);
    return {};
  }
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    warn(`WARNING: Error parsing config file (${path}): ${(error as Error).message}`);
    return {};
  }
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
