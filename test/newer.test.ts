import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { root } from './support/engine.ts';

// CommonJS of plain syntax, for the oldest Node.
const load = createRequire(import.meta.url);
const { findNode } = load(`${root}/bin/newer.js`) as {
  findNode(place: string, oldest: number): string | undefined;
};

const directory = mkdtempSync(`${tmpdir()}/davit-test-newer-`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => void vi.restoreAllMocks());

/** Lays a package with a Node of this version, and returns its program. */
function lay(folder: string, name: string, version: string, program = 'node'): string {
  const place = `${folder}/node_modules/${name}`;
  mkdirSync(`${place}/bin`, { recursive: true });
  writeFileSync(`${place}/package.json`, JSON.stringify({ version }));
  writeFileSync(`${place}/bin/${program}`, '');
  return `${place}/bin/${program}`;
}

it('finds the nearest Node that is new enough, beside the package or above it', () => {
  const inner = `${directory}/app/node_modules/davit`;
  lay(inner, 'node', '22.1.0');
  const above = lay(`${directory}/app`, `node-${process.platform}-${process.arch}`, '24.3.0');
  expect(findNode(inner, 24)).toBe(above);
  expect(findNode(inner, 22)).toBe(`${inner}/node_modules/node/bin/node`);
  expect(findNode(inner, 999)).toBeUndefined();
});

it('finds it on Windows under its names there', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
  const program = lay(`${directory}/windows`, `node-win-${process.arch}`, '24.3.0', 'node.exe');
  expect(findNode(`${directory}/windows`, 24)).toBe(program);
});
