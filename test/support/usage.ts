import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Engine } from './engine.ts';
import { engineNames } from './leaks.ts';

/** What an engine has of the machine. */
export interface Usage {
  descriptors: number;
  mounts: number;
  /** Bytes in memory. */
  memory: number;
  /** Bytes of the state with what is not merged into it yet. */
  database: number;
  /** Files and folders in its roots, outside of the images. */
  files: number;
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function countBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    return 0;
  }
}

/** Measures an engine that runs. */
export function usageOf(engine: Engine): Usage {
  const { dataRoot, execRoot } = engine;
  const process = `/proc/${engine.pid()}`;
  const [, pages = ''] = readFileSync(`${process}/statm`, 'utf8').split(' ');
  // What others mount on the machine shows up there as well.
  const own = [engine.directory, ...engineNames(dataRoot)];
  const mounts = readFileSync(`${process}/mountinfo`, 'utf8').split('\n');
  const places = [
    execRoot,
    `${dataRoot}/containers`,
    `${dataRoot}/overlay/containers`,
    `${dataRoot}/volumes`,
  ];
  return {
    descriptors: readdirSync(`${process}/fd`).length,
    mounts: mounts.filter((line) => own.some((name) => line.includes(name))).length,
    memory: Number(pages) * 4096,
    database: sizeOf(`${dataRoot}/state.db`) + sizeOf(`${dataRoot}/state.db-wal`),
    files: places.map(countBelow).reduce((sum, count) => sum + count, 0),
  };
}
