// Bundles client and engine into dist/: ES modules, split so that a command loads only what it uses.
import { execFileSync } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { leanBuiltins, leanUndici } from './lean.mjs';

const root = new URL('..', import.meta.url).pathname;
/** What is built replaces the last build at once, as programs may be running from it. */
const draft = `dist.${process.pid}`;

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  splitting: true,
  sourcemap: 'linked',
  legalComments: 'linked',
  logLevel: 'warning',
  external: ['koffi'],
  define: {
    DAVIT_BUILD: JSON.stringify(commit('%h', 'unknown')),
    DAVIT_BUILT: JSON.stringify(commit('%cI', '')),
  },
  // CommonJS packages inside an ES module still ask for require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: { davit: 'src/main.ts', index: 'src/index.ts' },
    outdir: `${draft}/client`,
    minify: true,
    keepNames: true,
    plugins: [leanUndici, leanBuiltins],
  }),
  build({ ...shared, entryPoints: { davitd: 'packages/engine/src/main.ts' }, outdir: `${draft}/engine` }),
]);
await rm(`${root}dist`, { recursive: true, force: true });
await rename(`${root}${draft}`, `${root}dist`);

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
