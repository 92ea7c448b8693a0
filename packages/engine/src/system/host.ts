import { readdirSync, readFileSync, statfsSync } from 'node:fs';

/** What the machine calls its operating system. */
export interface OperatingSystem {
  name: string;
  version: string;
}

/** Reads the operating system's own description of itself. */
export function readOperatingSystem(): OperatingSystem {
  const text = readFirst('/etc/os-release') || readFirst('/usr/lib/os-release');
  return parseOsRelease(text);
}

/** Reads an os-release file: lines of `NAME="value"`. */
export function parseOsRelease(text: string): OperatingSystem {
  const field = (name: string) => {
    const value = new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    return value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\([\\"'$`])/g, '$1');
  };
  return { name: field('PRETTY_NAME') || 'Linux', version: field('VERSION_ID') };
}

/** Whether a switch of the kernel (/proc/sys) is on. */
export function kernelSwitch(path: string): boolean {
  return readFirst(`/proc/sys/${path}`).trim() === '1';
}

/** How many files this process has open. */
export function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

const fileSystems: Record<number, string> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  26985: 'nfs',
};

/** The kind of file system that a folder lies on, in docker's words. */
export function fileSystemOf(path: string): string {
  try {
    return fileSystems[statfsSync(path).type] ?? '<unknown>';
  } catch {
    return '<unknown>';
  }
}

function readFirst(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
