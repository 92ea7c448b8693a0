import { run } from '../process.ts';
import { findProgram } from './find.ts';

/** A program that the engine works with, as `version` lists it. */
export interface Component {
  name: string;
  version: string;
  commit: string;
}

/** Asks a program for its version; one that does not say has none. */
export async function askVersion(name: string, path: string | undefined): Promise<Component | null> {
  if (!path) return null;
  const output = await run(path, ['--version']).catch(() => '');
  return { name, ...parseVersion(output) };
}

/** Reads what conmon, runc, crun and the inits print: `crun version 1.8.1` and, maybe, `commit: f8a096b`. */
export function parseVersion(output: string): { version: string; commit: string } {
  const version = /version:? v?(\S+)/i.exec(output)?.[1] ?? /\bv?(\d+\.\d[^\s,]*)/.exec(output)?.[1] ?? '';
  const commit = /^commit: *(\S+)/m.exec(output)?.[1] ?? /git\.([0-9a-f]{7,40})/.exec(output)?.[1] ?? '';
  return { version, commit: commit === 'unknown' ? '' : commit };
}

/** The monitor, the OCI runtime, and the init if there is one. */
export async function askComponents(programs: {
  runtime: { name: string; path: string };
  init: string;
}): Promise<Component[]> {
  const components = await Promise.all([
    askVersion('conmon', findProgram('conmon')),
    askVersion(programs.runtime.name, programs.runtime.path),
    askVersion('docker-init', findProgram(programs.init)),
  ]);
  return components.filter((component) => component !== null);
}
