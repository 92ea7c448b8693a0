// Bundles the client, its library and the engine into dist/, split so that a command loads only what it uses.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { leanBuiltins, leanUndici } from './lean.mjs';
import { licensesOf } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is built replaces the last build at once, as programs may be running from it. */
const draft = `dist.${process.pid}`;

/**
 * The client starts for every command that is typed, so it is what Node loads soonest: CommonJS, in few files. One
 * holds what most commands share, one the connection to an engine, one the options of containers; every command has
 * its own, and what only some of them need lies beside them.
 */
const client = {
  input: { davit: 'src/main.ts' },
  plugins: [leanUndici, leanBuiltins],
  output: {
    dir: `${draft}/client`,
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: true,
    codeSplitting: {
      groups: [
        { name: 'shared', minShareCount: 12, test: (module) => !startsEverything(module) },
        { name: 'options', test: /[\\/]src[\\/]commands[\\/]container[\\/]options[\\/]/ },
        { name: 'connection', test: /[\\/](src[\\/]http|node_modules[\\/]undici)[\\/]/ },
      ],
    },
  },
};

/** Answers `--version` by itself. */
function startsEverything(module) {
  return /[\\/](src[\\/](main|version)\.ts|package\.json)$/.test(module);
}

const library = { input: { index: 'src/index.ts' }, output: { dir: `${draft}/library` } };
/** With a program that the engine starts in another mount namespace. */
const engine = {
  input: {
    davitd: 'packages/engine/src/main.ts',
    lendmount: 'packages/engine/src/storage/lendmount.ts',
  },
  output: { dir: `${draft}/engine` },
};

const define = {
  DAVIT_BUILD: JSON.stringify(commit('%h', 'unknown')),
  DAVIT_BUILT: JSON.stringify(commit('%cI', '')),
};

const last = `${root}${draft}.last`;
try {
  const modules = await Promise.all([client, library, engine].map(bundle));
  await writeFile(`${root}${draft}/licenses.txt`, licensesOf(modules.flat()));
  if (existsSync(`${root}dist`)) await rename(`${root}dist`, last);
  await rename(`${root}${draft}`, `${root}dist`);
} finally {
  for (const folder of [`${root}${draft}`, last]) await rm(folder, { recursive: true, force: true });
}

/** Writes one bundle, and returns the paths of the modules that are in it. */
async function bundle({ input, plugins, output }) {
  const transform = { target: 'node24', define };
  const checks = { ineffectiveDynamicImport: false, bundlerTimings: false };
  const made = await rolldown({ cwd: root, input, plugins, platform: 'node', transform, checks });
  const { output: files } = await made.write({ sourcemap: true, ...output });
  await made.close();
  return files.flatMap((file) => Object.keys(file.modules ?? {}));
}

/** Tells of the commit that is built; a package that was unpacked elsewhere knows none. */
function commit(format, unknown) {
  try {
    const show = ['show', '--no-patch', '--abbrev=7', `--format=${format}`, 'HEAD'];
    return execFileSync('git', show, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return unknown;
  }
}
