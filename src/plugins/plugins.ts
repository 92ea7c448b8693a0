import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where programs are looked for that add commands to docker. */
export interface PluginPlaces {
  /** docker's configuration directory. */
  directory: string;
  /** `cliPluginsExtraDirs` of config.json, before all others. */
  extraDirectories: readonly string[];
}

/** A program that adds a command, by the names that docker's `info` has for what is known of it. */
export interface Plugin {
  SchemaVersion?: string;
  Vendor?: string;
  Version?: string;
  ShortDescription?: string;
  URL?: string;
  Name: string;
  Path: string;
  /** Others of its name, which are not used. */
  ShadowedPaths?: string[];
  /** Why it is not used. */
  Err?: string;
}

const prefix = 'docker-';
const suffix = process.platform === 'win32' ? '.exe' : '';
const namePattern = '^[a-z][a-z0-9]*$';
/** Milliseconds that a plugin has to tell what it is. */
const patience = 10_000;

function directoriesOf({ directory, extraDirectories }: PluginPlaces): string[] {
  const system =
    process.platform === 'win32'
      ? ['ProgramData', 'ProgramFiles'].flatMap((name) => process.env[name]?.split(delimiter) ?? [])
      : ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'];
  const below = process.platform === 'win32' ? 'Docker' : 'docker';
  return [
    ...extraDirectories,
    join(directory, 'cli-plugins'),
    ...system.map((parent) => join(parent, below, 'cli-plugins')),
  ];
}

/** The plugin that adds a command, when there is one that works. */
export async function findPlugin(name: string, places: PluginPlaces): Promise<Plugin | null> {
  if (!new RegExp(namePattern).test(name)) return null;
  const path = directoriesOf(places)
    .map((directory) => join(directory, `${prefix}${name}${suffix}`))
    .find(isFile);
  if (path === undefined) return null;
  const plugin = await describe(name, path);
  return plugin.Err === undefined ? plugin : null;
}

/** Names of plugins, of which none is asked what it is. */
export function pluginNames(places: PluginPlaces): string[] {
  return [...pathsByName(places).keys()].filter((name) => new RegExp(namePattern).test(name));
}

/** All plugins by their names, those that do not work too; `isCommand` knows the names that are taken. */
export async function listPlugins(
  places: PluginPlaces,
  isCommand: (name: string) => boolean,
): Promise<Plugin[]> {
  const paths = pathsByName(places);
  const names = [...paths.keys()].sort();
  return Promise.all(
    names.map(async (name) => {
      const [path = '', ...shadowed] = paths.get(name) ?? [];
      const plugin = isCommand(name)
        ? { Name: name, Path: path, Err: `plugin "${name}" duplicates builtin command` }
        : await describe(name, path);
      return shadowed.length > 0 ? { ...plugin, ShadowedPaths: shadowed } : plugin;
    }),
  );
}

function pathsByName(places: PluginPlaces): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const directory of directoriesOf(places)) {
    for (const file of filesIn(directory)) {
      if (!file.startsWith(prefix) || !file.endsWith(suffix)) continue;
      const name = file.slice(prefix.length, file.length - suffix.length);
      paths.set(name, [...(paths.get(name) ?? []), join(directory, file)]);
    }
  }
  return paths;
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Asks a plugin what it is. */
async function describe(name: string, path: string): Promise<Plugin> {
  const known = { Name: name, Path: path };
  if (!new RegExp(namePattern).test(name)) {
    return { ...known, Err: `plugin candidate "${name}" did not match "${namePattern}"` };
  }
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return { ...known, Err: `failed to fetch metadata: fork/exec ${path}: permission denied` };
  }
  const { output, failure } = await ask(path);
  if (failure !== null) return { ...known, Err: `failed to fetch metadata: ${failure}` };
  const metadata = readMetadata(output);
  if (typeof metadata === 'string') return { ...known, Err: `invalid metadata: ${metadata}` };
  const plugin = { ...metadata, ...known };
  if (metadata.SchemaVersion !== '0.1.0') {
    return {
      ...plugin,
      Err: `plugin SchemaVersion "${metadata.SchemaVersion ?? ''}" is not valid, must be 0.1.0`,
    };
  }
  return metadata.Vendor ? plugin : { ...plugin, Err: 'plugin metadata does not define a vendor' };
}

function ask(path: string): Promise<{ output: string; failure: string | null }> {
  return new Promise((resolve) => {
    execFile(path, ['docker-cli-plugin-metadata'], { timeout: patience }, (error, output) =>
      resolve({ output, failure: error?.message ?? null }),
    );
  });
}

const textKeys = ['SchemaVersion', 'Vendor', 'Version', 'ShortDescription', 'URL'] as const;

function readMetadata(text: string): Partial<Plugin> | string {
  try {
    const values = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(
      textKeys.filter((key) => typeof values?.[key] === 'string').map((key) => [key, values[key]]),
    );
  } catch (error) {
    return (error as Error).message;
  }
}
