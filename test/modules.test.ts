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
