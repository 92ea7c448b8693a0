import { mkdirSync, mkdtempSync } from 'node:fs';

/**
 * A folder below `directory` that an engine sees as `/etc/davit`, and the command line that it is to be started by for
 * that, in mounts of its own: whom a test has its engine trust is nothing that the machine may be left with.
 */
export function ownSettings(directory: string): { folder: string; inside: string[] } {
  const base = mkdtempSync(`${directory}/settings-`);
  const folder = `${base}/davit`;
  mkdirSync(folder);
  // The machine may have no such folder to mount on: it is put into a view of /etc first.
  mkdirSync(`${base}/etc/davit`, { recursive: true });
  const script =
    'mount -t overlay -o "lowerdir=$1/etc:/etc" overlay /etc && mount --bind "$1/davit" /etc/davit && shift && exec "$@"';
  const mounts = ['unshare', '--mount', '--propagation', 'slave'];
  return { folder, inside: [...mounts, 'sh', '-c', script, 'sh', base] };
}
