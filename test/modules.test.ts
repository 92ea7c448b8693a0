import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { serveObjects } from '../src/format/template/testdata/engine.ts';
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
    // The bundler's own few lines come from nowhere.
    const sources = files
      .filter((file) => existsSync(`${file}.map`))
      .flatMap((file) => {
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
      /^export default defineCommand/m.test(readFileSync(`${root}/${source}`, 'utf8')),
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

/** All that a file may ever load, by imports of every kind: files of the project and packages. */
function reachableFrom(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  if (!file.endsWith('.ts')) return found;
  const text = readFileSync(`${root}/${file}`, 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
  const imported = /^(?:import|export)\b(?:[^;'=]*?\bfrom)? *'([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const [, atOnce, later] of text.matchAll(imported)) {
    const name = atOnce ?? later ?? '';
    const [, part, room] = /^@davit\/(api|engine)(?:\/(\w+))?$/.exec(name) ?? [];
    const inside = part ? `packages/${part}/src/${room ? `${room}/` : ''}index.ts` : null;
    const beside = name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : null;
    reachableFrom(inside ?? beside ?? name, found);
  }
  return found;
}

/** Runs the client after this code. */
async function runAfter(code: string, args: string[], env: NodeJS.ProcessEnv) {
  const pretend = `--import=data:text/javascript,${encodeURIComponent(code)}`;
  return run(`${root}/bin/davit`, args, {
    env: { PATH: process.env.PATH, NODE_OPTIONS: pretend, ...env },
  });
}

/** Runs the client as on a system of this name, which has no user IDs where it is Windows. */
const runAs = (platform: string, args: string[], env: NodeJS.ProcessEnv) =>
  runAfter(
    `Object.defineProperty(process,'platform',{value:'${platform}'});${
      platform === 'win32' ? 'process.getuid=process.getgid=undefined;' : ''
    }`,
    args,
    env,
  );

describe('the client is at home on every system', () => {
  // The examination of a Linux machine is loaded in one place, behind a look at the system.
  const examination = 'packages/engine/src/machine/index.ts';
  const reached = new Set([examination]);
  for (const file of ['src/main.ts', 'src/index.ts']) reachableFrom(file, reached);
  reached.delete(examination);

  it('with packages that have no native code and no favourite system', () => {
    const packages = [...reached].filter((name) => !/^node:|\.(ts|json)$/.test(name));
    const names = [...new Set(packages.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name))];
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const folder = `${root}/node_modules/${name}`;
      const { os, cpu, gypfile } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      expect({ name, os, cpu, gypfile }).toEqual({ name });
      expect(readdirSync(folder)).not.toContain('binding.gyp');
    }
  });

  it("with nothing of the engine's but what speaks with registries", () => {
    const ofEngine = [...reached].filter((file) => file.startsWith('packages/engine/src/'));
    const rooms = [...new Set(ofEngine.map((file) => file.split('/')[3]))];
    expect(rooms.sort()).toEqual(['errors.ts', 'proxies.ts', 'registry']);
    const loaders = [...reached].filter(
      (file) =>
        file.startsWith('src/') && readFileSync(`${root}/${file}`, 'utf8').includes('@davit/engine/machine'),
    );
    expect(loaders).toEqual(['src/commands/system/check.ts']);
    const check = readFileSync(`${root}/${loaders[0]}`, 'utf8');
    const look = check.indexOf("process.platform !== 'linux'");
    expect(look).toBeGreaterThan(0);
    expect(look).toBeLessThan(check.indexOf("import('@davit/engine/machine')"));
  });

  it.each(['darwin', 'win32'])('with an engine elsewhere, on %s', async (platform) => {
    const directory = mkdtempSync(`${tmpdir()}/davit-test-modules-`);
    const socket = `${directory}/engine.sock`;
    const close = await serveObjects(
      { '/containers/json': [{ Id: 'a'.repeat(64), Names: ['/web'], Image: 'busybox' }] },
      socket,
    );
    try {
      const env = { HOME: directory, USERPROFILE: directory, DOCKER_HOST: `unix://${socket}` };
      const [listed, missing, examined, alone] = await Promise.all([
        runAs(platform, ['ps', '--format', '{{.Names}} {{upper .Image}}'], env),
        runAs(platform, ['inspect', '--type', 'container', 'nosuch'], env),
        runAs(platform, ['system', 'check'], env),
        runAs(platform, ['ps'], { HOME: directory, USERPROFILE: directory }),
      ]);
      expect(listed).toEqual({ code: 0, stdout: 'web BUSYBOX\n', stderr: '' });
      expect(missing).toMatchObject({ code: 1, stdout: '[]\n' });
      expect(missing.stderr).toContain('no such object: /containers/nosuch/json');
      expect(examined.stderr).toMatch(/^the engine of davit runs on Linux only/);
      expect(alone.stderr).toMatch(/no engine to talk to: davit brings one for Linux only/);
    } finally {
      close();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it.each([0, 54321])('with a user that the system does not know: %s', async (id) => {
    const code = `import os from 'node:os'; process.getuid = () => ${id};
      os.homedir = os.userInfo = () => { throw new Error('no such user'); };`;
    const { code: exit, stderr } = await runAfter(code, ['ps'], { DOCKER_HOST: 'unix:///nowhere.sock' });
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: expect.stringMatching(/^Cannot connect to the Docker daemon/),
    });
  });
});
