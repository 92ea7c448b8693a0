import type { Entry } from '../support/image.ts';

/** One Dockerfile with what it is built from. */
export interface BuildCase {
  name: string;
  dockerfile: string;
  /** Files of the context; `files` below when left out. */
  files?: Entry[];
  /** More parameters of the request. */
  query?: Record<string, string>;
  /** What the build must fail with. */
  error?: RegExp;
  /** What dockerd's classic builder does not know: only davitd builds it, and `tree` or `config` say what is right. */
  own?: boolean;
  /** Paths that must be there, with their content (a link: `-> target`), or null for those that must not. */
  tree?: Record<string, string | null>;
  /** What the configuration must hold. */
  config?: Record<string, unknown>;
}

const directory = (name: string, mode = 0o755): Entry => ({ name, type: 'directory', mode });

/** The usual context. */
export const files: Entry[] = [
  { name: 'a.txt', content: 'a\n' },
  { name: 'b.txt', content: 'b\n', mode: 0o600 },
  { name: 'c.md', content: 'c\n' },
  { name: 'run.sh', content: '#!/bin/sh\necho ran\n', mode: 0o755 },
  directory('dir', 0o750),
  { name: 'dir/one', content: '1\n' },
  { name: 'dir/two', content: '2\n', uid: 1000, gid: 1000 },
  directory('dir/sub', 0o700),
  { name: 'dir/sub/three', content: '3\n' },
  { name: 'dir/link', type: 'symlink', linkname: 'one' },
  { name: 'dir/out', type: 'symlink', linkname: '/etc/passwd' },
  directory('empty'),
  directory('with space'),
  { name: 'with space/f', content: 'f\n' },
  { name: 'link.txt', type: 'symlink', linkname: 'a.txt' },
  { name: 'linkdir', type: 'symlink', linkname: 'dir' },
];

/** Cases of Dockerfiles without files that matter, by their names. */
export function cases(
  table: Record<string, string | [string, Omit<BuildCase, 'name' | 'dockerfile'>]>,
): BuildCase[] {
  return Object.entries(table).map(([name, value]) =>
    typeof value === 'string' ? { name, dockerfile: value } : { name, dockerfile: value[0], ...value[1] },
  );
}
