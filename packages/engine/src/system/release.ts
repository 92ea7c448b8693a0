import { apiVersion } from '@davit/api';
import manifest from '../../package.json' with { type: 'json' };

declare const DAVIT_BUILD: string | undefined;
declare const DAVIT_BUILT: string | undefined;

/** What this engine is: its version, and the runtime that it was built for. */
export const release = {
  version: manifest.version,
  apiVersion,
  /** The commit that was built and its time; from the sources, nobody knows. */
  commit: typeof DAVIT_BUILD === 'string' ? DAVIT_BUILD : 'source',
  built: typeof DAVIT_BUILT === 'string' ? DAVIT_BUILT : '',
  /** The engine is not written in Go; the field says what it runs on instead. */
  goVersion: `node ${process.versions.node}`,
};

const goNames: Record<string, string> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** This machine's architecture as docker writes it: amd64. */
export const architecture = goNames[process.arch] ?? process.arch;
