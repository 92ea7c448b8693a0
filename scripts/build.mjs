// Bundles client and engine into dist/: ES modules, split so that a command loads only what it uses.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

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
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
};

await Promise.all([
  build({ ...shared, entryPoints: { davit: 'src/main.ts' }, outdir: 'dist/client' }),
  build({ ...shared, entryPoints: { davitd: 'packages/engine/src/main.ts' }, outdir: 'dist/engine' }),
]);
