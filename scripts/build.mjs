// Bundles client and engine into dist/: ES modules, split so that a command loads only what it uses.
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { leanUndici } from './lean-undici.mjs';

const root = new URL('..', import.meta.url).pathname;
await rm(`${root}dist`, { recursive: true, force: true });

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
  external: ['node-unix-socket'],
  // CommonJS packages inside an ES module still ask for require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: { davit: 'src/main.ts' },
    outdir: 'dist/client',
    minify: true,
    keepNames: true,
    plugins: [leanUndici],
    define: { DAVIT_BUILD: JSON.stringify(commit()) },
  }),
  build({ ...shared, entryPoints: { davitd: 'packages/engine/src/main.ts' }, outdir: 'dist/engine' }),
]);

/** The commit that is built; a package that was unpacked elsewhere knows none. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
