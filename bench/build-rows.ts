import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Row } from './row.ts';
import type { Tool } from './tool.ts';

const files = 5700;
const bytesEach = 23_000;

let contexts: Promise<string> | undefined;

/** A folder with 130 MB in 5,700 files and a Dockerfile; one for the whole run, which ends with it. */
async function makeContext(): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/davit-bench-`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (let index = 0; index < files; index++) {
    const inner = `${folder}/src/${index % 190}`;
    if (index < 190) mkdirSync(inner, { recursive: true });
    writeFileSync(`${inner}/${index}.txt`, Buffer.alloc(bytesEach, `${index} is the number of this file\n`));
  }
  writeFileSync(`${folder}/Dockerfile`, 'FROM busybox\nCOPY . /app/\nRUN true\n');
  return folder;
}

async function buildContext(tool: Tool, ...flags: string[]): Promise<number> {
  contexts ??= makeContext();
  return tool.time(['build', '--network', 'none', '-t', 'bench:context', ...flags, await contexts]);
}

const twenty = Buffer.from(`FROM busybox\n${'RUN true\n'.repeat(20)}`);

/** Builds. */
export const buildRows: Row[] = [
  {
    key: 'build-context',
    title: 'build, 130 MB context in 5,700 files, no cache',
    aim: 0.35,
    mostRounds: 3,
    measure: (tool) => buildContext(tool, '--no-cache'),
  },
  {
    key: 'build-cached',
    title: 'the same, all cached',
    aim: 0.1,
    mostRounds: 5,
    prepare: (tool) => buildContext(tool),
    measure: (tool) => buildContext(tool),
  },
  {
    key: 'build-20',
    title: 'build of 20 × RUN true, no cache',
    aim: 0.3,
    mostRounds: 5,
    measure: (tool) =>
      tool.time(['build', '--network', 'none', '--no-cache', '-t', 'bench:twenty', '-'], twenty),
  },
];
