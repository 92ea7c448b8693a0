import { describeBuildTime } from '../format/build-time.ts';
import { build, built, version } from '../version.ts';

/** What `version` and `info` say of the client itself, by docker's names. */
export interface ClientInfo {
  Version: string;
  ApiVersion?: string;
  DefaultAPIVersion: string;
  GitCommit: string;
  /** davit is not written in Go: here stands what runs it. */
  GoVersion: string;
  Os: string;
  Arch: string;
  BuildTime?: string;
  Context: string;
}

const systems: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };
const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };

/** Describes this client; `defaultApiVersion` is the newest it speaks. */
export function describeClient(context: string, defaultApiVersion: string, apiVersion?: string): ClientInfo {
  return {
    Version: version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: defaultApiVersion,
    GitCommit: build,
    GoVersion: `node${process.versions.node}`,
    Os: systems[process.platform] ?? process.platform,
    Arch: architectures[process.arch] ?? process.arch,
    BuildTime: describeBuildTime(built) || undefined,
    Context: context,
  };
}
