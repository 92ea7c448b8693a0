import { EngineError } from '../errors.ts';
import { outputOf } from './output.ts';
import { blockSize } from './tar.ts';
import { createTarScanner } from './tarscan.ts';

/** A part of an archive: a directory with all below it, or a single name in a directory. */
export interface PackSource {
  /** Descriptor of a directory. */
  directory: number;
  /** A name in it, or `.` for the directory itself. Never more than one name: tar would follow links on the way. */
  entry: string;
  /** What it is called in the archive; empty: what is in the directory stands at the top, without the directory. */
  rename: string;
  /** Paths below the directory that are left out. */
  without: readonly string[];
}

export interface PackOptions {
  /** Whether overlayfs' own attributes are packed. */
  overlay?: boolean;
  /** Whether pieces are good until the next one is asked for only: for who writes them somewhere and waits for that. */
  lend?: boolean;
}

const packArguments = [
  '--create',
  '--file=-',
  '--format=posix',
  // Whole seconds, as docker's archives have them: each of these would cost every file a header of its own.
  '--pax-option=delete=atime,delete=ctime,delete=mtime',
  // Writes of 256 KiB.
  '--blocking-factor=512',
  '--numeric-owner',
  '--sort=name',
  '--absolute-names',
  '--xattrs',
  '--xattrs-include=*',
  '--warning=no-file-ignored',
  '--anchored',
  '--no-wildcards',
];

const quietly = ['--xattrs-exclude=trusted.overlay.*', '--xattrs-exclude=security.selinux'];
/** For the tar of a layer, which is made of what overlayfs keeps in them. */
const steering = ['--xattrs-exclude=security.selinux'];

/** Exit code of tar for files that changed or went away while it read them: what a running container does. */
const changedMeanwhile = 1;

/**
 * Packs files that are not to be trusted into a tar. tar starts from descriptors that are held here, and goes on
 * from those of its own, never following a link: whoever swaps folders for links meanwhile wins nothing.
 */
export async function* pack(
  sources: readonly PackSource[],
  { overlay = false, lend = false }: PackOptions = {},
): AsyncGenerator<Buffer> {
  const args = [
    ...packArguments,
    ...(overlay ? steering : quietly),
    ...sources.flatMap(({ directory, without }) => without.map((path) => `--exclude=${directory}/./${path}`)),
    `--transform=flags=rhS;${sources.map(renameRule).join(';')}`,
    '--',
    ...sources.map(({ directory, entry }) => `${directory}/${entry}`),
  ];
  const output = outputOf('tar', args, {
    cwd: `/proc/${process.pid}/fd`,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    lend,
    judge(code, complaint) {
      if (code !== 0 && code !== changedMeanwhile)
        throw new EngineError('internal', `cannot read all files: ${complaint.trim().split('\n')[0]}`);
    },
  });
  yield* trimmed(output, sources[0]?.rename === '');
}

/** A sed expression that gives what comes from a source its name in the archive. */
function renameRule({ directory, entry, rename }: PackSource): string {
  const quote = (text: string) => text.replace(/[\\&|]/g, '\\$&').replaceAll('\n', '\\n');
  if (entry !== '.') {
    const pattern = entry.replace(/[\\^$.*[\]|]/g, '\\$&').replaceAll('\n', '\\n');
    return `s|^${directory}/${pattern}$|${quote(rename)}|`;
  }
  return `s|^${directory}/\\./*|${rename === '' ? '' : quote(rename.replace(/\/*$/, '/'))}|`;
}

/**
 * tar fills its last record up with zeros; an archive ends after two blocks of them. The first entry, a directory,
 * is left out as well when it has no name.
 */
async function* trimmed(source: AsyncIterable<Buffer>, isNameless: boolean): AsyncGenerator<Buffer> {
  let seen = 0;
  let left = isNameless ? -1 : 0;
  let over = false;
  const count = (piece: Buffer) => {
    seen += piece.length;
  };
  const scanner = createTarScanner({
    entry(_entry, raw) {
      for (const block of raw) count(block);
      if (left < 0) left = seen;
      return true;
    },
    content: count,
    padding: count,
    beside() {
      over = true;
    },
  });
  let taken = 0;
  for await (const chunk of source) {
    if (over) continue;
    scanner.push(chunk);
    const from = Math.max(left - taken, 0);
    const to = over ? Math.max(seen - taken, 0) : chunk.length;
    taken += chunk.length;
    const piece = chunk.subarray(from, to);
    // What is left of a chunk may be so short that it is not waited for: it must not be lent.
    if (to > from) yield piece.length === chunk.length ? piece : Buffer.from(piece);
  }
  if (over) yield Buffer.alloc(2 * blockSize);
}
