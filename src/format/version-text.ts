import { alignTabs } from './table.ts';

/** What `version` tells of the client. */
interface ClientPart {
  Version: string;
  ApiVersion?: string;
  DefaultAPIVersion: string;
  GitCommit: string;
  BuildTime?: string;
  Os: string;
  Arch: string;
  Context: string;
}

/** What `version` tells of the engine, part by part. */
interface ServerPart {
  Platform?: { Name: string };
  Components?: { Name: string; Version: string; Details?: Record<string, string> }[];
}

/** The details of the engine's own part that have a place and a name of their own. */
function engineLines(version: string, details: Record<string, string>): string[] {
  return [
    `Version:\t${version}`,
    `API version:\t${details.ApiVersion} (minimum version ${details.MinAPIVersion})`,
    ...(details.GoVersion ? [`Go version:\t${details.GoVersion}`] : []),
    `Git commit:\t${details.GitCommit}`,
    ...(details.BuildTime ? [`Built:\t${details.BuildTime}`] : []),
    `OS/Arch:\t${details.Os}/${details.Arch}`,
    `Experimental:\t${details.Experimental}`,
  ];
}

function detailLines(version: string, details: Record<string, string>): string[] {
  const others = Object.keys(details).sort();
  return [`Version:\t${version}`, ...others.map((name) => `${name}:\t${details[name]}`)];
}

/** `version` for people, in docker's layout. */
export function versionText(client: ClientPart, server: ServerPart | null, runtime: string): string {
  const newest = client.DefaultAPIVersion;
  const spoken = client.ApiVersion ?? newest;
  const lines = [
    'Client:',
    ` Version:\t${client.Version}`,
    ` API version:\t${spoken}${spoken === newest ? '' : ` (downgraded from ${newest})`}`,
    ` Node version:\t${runtime}`,
    ` Git commit:\t${client.GitCommit}`,
    ...(client.BuildTime ? [` Built:\t${client.BuildTime}`] : []),
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
  ];
  if (server) {
    const name = server.Platform?.Name ?? '';
    lines.push('', `Server:${name === '' ? '' : ` ${name}`}`);
    for (const { Name, Version, Details = {} } of server.Components ?? []) {
      const part = Name === 'Engine' ? engineLines(Version, Details) : detailLines(Version, Details);
      lines.push(` ${Name}:`, ...part.map((line) => `  ${line}`));
    }
  }
  return `${alignTabs(lines.join('\n'), versionLayout)}\n`;
}

/** The columns of `version`, which stand closer than those of lists. */
export const versionLayout = { leastWidth: 20, gap: 1 };
