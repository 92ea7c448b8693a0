import { readFileSync, statSync } from 'node:fs';
import type { CommandContext } from '../context.ts';

/** How to be let in by a socket that refused; empty when none did. */
export function entranceHint(text: string, { endpoint }: Pick<CommandContext, 'endpoint'>): string {
  // An error of `run` has the program's name before it.
  if (!text.includes('permission denied while trying to connect')) return '';
  const [, path] = /^unix:\/\/(.+)$/.exec(endpoint.host) ?? [];
  const gid = path === undefined ? undefined : groupOf(path);
  if (gid === undefined) return 'Only root may look there: try again with sudo.';
  const group =
    gid === 0
      ? ''
      : `, or join the group that may (sudo usermod -aG ${groupName(gid)} $USER, then log in anew)`;
  return `Only root and the group of ${path} may use this engine: try again with sudo${group}.`;
}

/** The group of a file; undefined when it lies where this user may not look. */
function groupOf(path: string): number | undefined {
  try {
    return statSync(path).gid;
  } catch {
    return undefined;
  }
}

function groupName(gid: number): string {
  const lines = readFileSync('/etc/group', 'utf8').split('\n');
  return lines.find((line) => line.split(':')[2] === String(gid))?.split(':')[0] ?? String(gid);
}
