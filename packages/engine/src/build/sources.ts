import { mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { EngineError } from '../errors.ts';
import { jsonForm, lookupIn } from '../images/changes.ts';
import { expandWord, splitWords } from '../images/words.ts';
import type { Build } from './build.ts';
import { flagValue } from './dockerfile/flags.ts';
import type { Heredoc } from './dockerfile/heredoc.ts';
import type { Instruction } from './dockerfile/parse.ts';
import { type Download, download, isRemote } from './download.ts';
import { type Finder, type Selected, selectSources } from './select.ts';
import { expand, type StageState } from './stagestate.ts';

/** What COPY and ADD are to copy where. */
export interface CopyRequest {
  /** From a tree; archives among them are unpacked by ADD. */
  selected: Selected[];
  /** What was downloaded, or written in the Dockerfile itself. */
  made: Selected[];
  destination: string;
  /** As it was written. */
  shown: string;
}

/** Finds what an instruction copies. `finder` looks where it copies from. */
export async function findSources(
  build: Build,
  state: StageState,
  instruction: Instruction,
  finder: Finder,
): Promise<CopyRequest> {
  const { name, rest, flags, heredocs } = instruction;
  const words = (jsonForm(rest) ?? splitWords(rest, state.escapedBy)).filter((word) => word !== '');
  const shown = words.at(-1);
  if (words.length < 2 || shown === undefined)
    throw new EngineError(
      'badParameter',
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  const sources = words.slice(0, -1);
  const destination = expand(state, shown);
  const documents = new Map(heredocs.map((one) => [one.word, one]));
  const selected: Selected[] = [];
  const made: Selected[] = [];
  for (const [index, source] of sources.entries()) {
    const document = documents.get(source);
    if (document) {
      made.push(await writeDocument(build, state, document));
      continue;
    }
    const text = expand(state, source);
    if (name === 'ADD' && isRemote(text)) {
      made.push(await fetchRemote(build, { url: text, index, ...downloadOptions(flags) }));
      continue;
    }
    if (/^\.\.(?:\/|$)/.test(posix.normalize(text)))
      throw new EngineError(
        'badParameter',
        `${name} failed: forbidden path outside the build context: ${text} ()`,
      );
    const parents = flagValue(flags, 'parents') === 'true';
    selected.push(
      ...selectSources(finder, text, { parents, missing: (path) => missingFile(instruction, path) }),
    );
  }
  if (selected.length + made.length === 0)
    throw new EngineError('badParameter', `${name} failed: no source files were specified`);
  const several = selected.length + made.length > 1;
  if (several && !isFolder(destination))
    throw new EngineError(
      'badParameter',
      `When using ${name} with more than one source file, the destination must be a directory and end with a /`,
    );
  return { selected, made, destination, shown: words.join(' ') };
}

/** Whether a destination says that it is a folder. */
export const isFolder = (path: string): boolean => /(?:^|\/)\.{0,2}$/.test(path);

function missingFile({ name, flags }: Instruction, path: string): EngineError {
  const where =
    flagValue(flags, 'from') === undefined
      ? 'file not found in build context or excluded by .dockerignore: '
      : '';
  return new EngineError('badParameter', `${name} failed: ${where}stat ${path}: file does not exist`);
}

const downloadOptions = (flags: Instruction['flags']) => ({
  checksum: flagValue(flags, 'checksum') ?? '',
  keepGit: flagValue(flags, 'keep-git-dir') === 'true',
});

async function fetchRemote(
  build: Build,
  request: Omit<Download, 'directory'> & { index: number },
): Promise<Selected> {
  const directory = await newFolder(build);
  const { path: inner, isDirectory } = await download({ ...request, directory }, build.signal);
  const path = posix.normalize(`/${inner}`);
  const name = isDirectory ? '' : inner;
  return { tree: { root: directory, mounts: [] }, path, name, isDirectory, parents: '', node: null };
}

let folders = 0;

/** A folder of the build's own for files that are copied from there. */
async function newFolder({ folder }: Build): Promise<string> {
  folders += 1;
  const directory = join(folder, `made-${folders}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

async function writeDocument(build: Build, state: StageState, document: Heredoc): Promise<Selected> {
  const directory = await newFolder(build);
  const name = posix.basename(document.name);
  await writeFile(join(directory, name), contentOf(state, document), { mode: 0o644 });
  const tree = { root: directory, mounts: [] };
  return { tree, path: `/${name}`, name, isDirectory: false, parents: '', node: null };
}

/** What a here-document says; variables are put in unless its name is quoted, quotes stay as they are. */
export function contentOf(state: StageState, { content, expand: wanted }: Heredoc): string {
  if (!wanted) return content;
  const inEnvironment = lookupIn(state.snapshot.config);
  const lookup = (name: string) => inEnvironment(name) ?? state.args[name];
  // Each variable alone, so that quotes around it mean nothing.
  return content.replace(/\\([\\$])|\$(?:\w+|\{[^}]*\})/g, (found, escaped?: string) =>
    escaped === undefined ? expandWord(found, lookup) : escaped,
  );
}
