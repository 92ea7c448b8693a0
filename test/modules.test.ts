import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';

interface Coverage {
  result: { url: string }[];
}

/** The source files whose code a command line loads, as V8 itself counts them and the source maps name them. */
async function sourcesLoadedBy(...args: string[]): Promise<string[]> {
  const directory = mkdtempSync(`${tmpdir()}/davit-test-modules-`);
  try {
    await run(`${root}/bin/davit`, args, {
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        NODE_V8_COVERAGE: directory,
        DOCKER_HOST: 'unix:///nonexistent',
      },
    });
    const reports = readdirSync(directory).filter((name) => name.startsWith('coverage-'));
    const urls = reports.flatMap((name) => {
      const { result } = JSON.parse(readFileSync(`${directory}/${name}`, 'utf8')) as Coverage;
      return result.map((script) => script.url);
    });
    const files = [...new Set(urls)]
      .filter((url) => url.includes('/dist/client/'))
      .map((url) => fileURLToPath(url));
    const sources = files.flatMap((file) => {
      const map = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] };
      return map.sources.map((source) => relative(root, resolve(dirname(file), source)));
    });
    expect(sources).toContain('src/main.ts');
    return sources;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Commands are the modules that define one. */
function commandsAmong(sources: string[]): string[] {
  return sources.filter(
    (source) =>
      source.startsWith('src/commands/') &&
      readFileSync(`${root}/${source}`, 'utf8').includes('export default defineCommand'),
  );
}

/** The source files that a file imports at once, itself among them, and the packages that they import. */
function importedAtOnce(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  if (!file.startsWith('src/')) return found;
  const text = readFileSync(`${root}/${file}`, 'utf8').replace(/^import type [^;]*;/gm, '');
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\b(?:[^;]*?\bfrom)? *'([^']+)';/gm)) {
    importedAtOnce(name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name, found);
  }
  return found;
}

/** What a command may load only when it turns out to be needed. */
const heavy = /^(undici|yaml|cli-table3|ora|chalk|string-width|ws|tar-fs|tar-stream|@balena)\b/;

const registry = ['@davit/engine/registry'];

/** What commands are about, so that they cannot do without: archives, or registries that they speak with themselves. */
const needsItAtOnce: Record<string, string[]> = {
  'src/commands/container/cp.ts': ['tar-fs'],
  'src/commands/context/export.ts': ['tar-stream'],
  'src/commands/context/import.ts': ['tar-stream'],
  'src/commands/stack/config.ts': ['yaml'],
  'src/commands/stack/deploy.ts': ['yaml'],
  ...Object.fromEntries(
    ['create', 'inspect', 'push'].map((verb) => [`src/commands/manifest/${verb}.ts`, registry]),
  ),
};

describe('the modules of every command', () => {
  const tree = readdirSync(`${root}/src/program`).map((name) =>
    readFileSync(`${root}/src/program/${name}`, 'utf8'),
  );
  const loaded = tree.join('\n').matchAll(/import\('\.\.\/(commands\/[^']+)'\)/g);
  const files = [...new Set([...loaded].map(([, name]) => `src/${name}`))];

  it.each(files)('%s imports no other command, no engine and nothing heavy', (file) => {
    const imported = [...importedAtOnce(file)];
    const others = imported.filter((one) => one !== file && files.includes(one));
    const wrong = imported.filter((name) => heavy.test(name) || name.startsWith('@davit/engine'));
    expect([...others, ...wrong].filter((name) => !needsItAtOnce[file]?.includes(name))).toEqual([]);
  });
});

describe('the modules that a command line loads', () => {
  it.each([
    [['ps'], 'container/ls.ts'],
    [['logs', 'x'], 'container/logs.ts'],
    [['images'], 'image/ls.ts'],
    [['version'], 'version.ts'],
    [['run', 'busybox'], 'container/run.ts'],
    [['exec', 'x', 'true'], 'container/exec.ts'],
  ])('of %j are its own command and no other', async (args, name) => {
    expect(commandsAmong(await sourcesLoadedBy(...args))).toEqual([`src/commands/${name}`]);
  });

  it('of --version are no command, and no HTTP client', async () => {
    const sources = await sourcesLoadedBy('--version');
    expect(commandsAmong(sources)).toEqual([]);
    expect(sources.filter((source) => /undici|src\/http/.test(source))).toEqual([]);
  });

  it('are never the engine', async () => {
    const sources = await sourcesLoadedBy('ps');
    expect(sources.filter((source) => source.startsWith('packages/engine'))).toEqual([]);
  });
});
