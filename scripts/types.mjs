// Writes the types of the library (src/index.ts) into dist/types, or another folder that is named.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2] ?? join(root, 'dist/types');

rmSync(target, { recursive: true, force: true });
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [compiler, '-p', 'scripts/types.json', '--outDir', target], {
  ...{ cwd: root, stdio: 'inherit' },
});
if (compiled.status !== 0) process.exit(1);

// The contract is no package of its own for those who install davit, and there are no sources to point at.
for (const file of globSync('**/*.d.ts', { cwd: target })) {
  const path = join(target, file);
  const contract = relative(dirname(file), 'packages/api/src/index.js');
  const text = readFileSync(path, 'utf8')
    .replaceAll("'@davit/api'", `'${contract.startsWith('.') ? contract : `./${contract}`}'`)
    .replaceAll(/((?:from|import\() ?'\.[^']*)\.ts'/g, "$1.js'");
  writeFileSync(path, text);
}
