import { type PathStat, pathStatHeader, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { packLocal, unpackLocal } from './copy/archive.ts';
import { checkOutput, describeDestination, describeSource } from './copy/local.ts';
import {
  absolutePath,
  type CopySide,
  followed,
  linkTarget,
  planCopy,
  splitEntry,
  splitSide,
} from './copy/paths.ts';
import { type CopyProgress, createProgress } from './copy/progress.ts';

interface CopyOptions {
  archive: boolean;
  followLink: boolean;
  quiet: boolean;
}

// Marks of Go's os.FileMode.
const directoryMark = 2 ** 31;
const linkMark = 2 ** 27;
const deviceMark = 2 ** 26;
const has = (mode: number, mark: number) => Math.floor(mode / mark) % 2 === 1;

/** The stat of a path that an answer carries in its headers. */
function statIn(headers: Record<string, string>): PathStat {
  const text = headers[pathStatHeader.toLowerCase()] ?? '';
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString()) as PathStat;
  } catch {
    throw new CommandError('unable to decode container path stat header');
  }
}

/** What is at a path in a container; null when nothing is, or nothing that the engine tells. */
async function statPath(client: Client, { container, path }: CopySide): Promise<PathStat | null> {
  try {
    const answer = await client.call(routes.containerArchiveStat, {
      path: { name: container },
      query: { path },
    });
    return statIn(answer.headers);
  } catch {
    // Whoever wants to know tries to copy next, and is told what is wrong.
    return null;
  }
}

/** Runs a copy with its progress shown, unless it is to be quiet. */
async function shown(
  context: CommandContext,
  { quiet, heading, destination }: { quiet: boolean; heading: string; destination: string },
  copy: (progress: CopyProgress | null) => Promise<void>,
): Promise<void> {
  if (quiet) return copy(null);
  const progress = createProgress(context.streams.err, heading);
  try {
    await copy(progress);
  } finally {
    progress.clear();
  }
  await progress.finish(destination);
}

const skipper = (context: CommandContext) => (path: string) =>
  void context.streams.err.line(`${path} is neither file, directory nor link: it is left out`);

async function copyFrom(
  source: CopySide,
  destination: string,
  options: CopyOptions,
  context: CommandContext,
): Promise<void> {
  const target = destination === '-' ? '-' : absolutePath(destination, process.cwd());
  checkOutput(target);
  const client = await context.connect();
  let from = { path: source.path, rename: '' };
  if (options.followLink) {
    const stat = await statPath(client, source);
    if (stat && has(stat.mode, linkMark))
      from = followed(source.path, linkTarget(source.path, stat.linkTarget));
  }
  const { stream, headers } = await client.call(routes.containerArchive, {
    path: { name: source.container },
    query: { path: from.path },
    signal: context.signal,
  });
  if (target === '-') {
    for await (const chunk of stream) await context.streams.out.write(chunk);
    return;
  }
  const end = { ...from, isDirectory: has(statIn(headers).mode, directoryMark) };
  try {
    const into = describeDestination(target);
    const plan = planCopy({ ...end, rename: '' }, into);
    const own =
      end.rename && !plan.rename ? { from: splitEntry(end.path).base, to: end.rename } : plan.rename;
    const to = { quiet: options.quiet, heading: 'Copying from container - ', destination: target };
    await shown(context, to, (progress) => {
      const archive = progress ? stream.pipe(progress.counter) : stream;
      stream.once('error', (error) => progress?.counter.destroy(error));
      return unpackLocal(archive, { ...plan, rename: own }, skipper(context));
    });
  } finally {
    stream.destroy();
  }
}

async function copyTo(
  source: string,
  destination: CopySide,
  options: CopyOptions,
  context: CommandContext,
): Promise<void> {
  const { container, path } = destination;
  const from = source === '-' ? '-' : absolutePath(source, process.cwd());
  const client = await context.connect();
  let into = destination;
  let stat = await statPath(client, into);
  if (stat && has(stat.mode, linkMark)) {
    into = { container, path: linkTarget(path, stat.linkTarget) };
    stat = await statPath(client, into);
  }
  if (stat && has(stat.mode, deviceMark))
    throw new CommandError(
      `destination "${container}:${path}" must be a directory or a regular file: got a device`,
    );
  const end = { path: into.path, exists: stat !== null, isDirectory: has(stat?.mode ?? 0, directoryMark) };
  const send = (directory: string, input: NodeJS.ReadableStream) =>
    client.call(routes.containerExtract, {
      path: { name: container },
      query: { path: directory, noOverwriteDirNonDir: true, copyUIDGID: options.archive },
      input: input as never,
      signal: context.signal,
    });
  if (from === '-') {
    if (!end.isDirectory) throw new CommandError(`destination "${container}:${path}" must be a directory`);
    await send(end.path, context.streams.in.stream);
    return;
  }
  const what = describeSource(from, options.followLink);
  const { directory, rename } = planCopy(what, end);
  const to = { quiet: options.quiet, heading: 'Copying to container - ' };
  await shown(context, { ...to, destination: `${container}:${into.path}` }, async (progress) => {
    const archive = packLocal(what, rename, skipper(context));
    archive.once('error', (error) => progress?.counter.destroy(error));
    await send(directory, progress ? archive.pipe(progress.counter) : archive);
  });
}

export default defineCommand({
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  summary: 'Copy files/folders between a container and the local filesystem',
  description:
    'The container may run or not. Use - as the source to read a tar archive from standard input and unpack it ' +
    'in a directory of a container, and as the destination to write one to standard output. SRC_PATH/. copies ' +
    'what is in a directory instead of the directory.',
  examples: [
    { command: 'cp web:/var/log/nginx .', explanation: 'A directory out of a container' },
    { command: 'cp ./site/. web:/srv/www', explanation: 'What is in a directory, into one of a container' },
    { command: 'cp web:/etc - | tar t', explanation: 'As an archive' },
  ],
  arguments: exactly(2),
  flags: {
    archive: flag.boolean({ short: 'a', summary: 'Archive mode (copy all uid/gid information)' }),
    followLink: flag.boolean({ short: 'L', summary: 'Always follow symbol link in SRC_PATH' }),
    quiet: flag.boolean({ short: 'q', summary: 'Do not show progress; it is only shown on a terminal' }),
  },
  run: async (given, [first = '', second = ''], context) => {
    if (first === '') throw new CommandError('source can not be empty');
    if (second === '') throw new CommandError('destination can not be empty');
    const [source, destination] = [splitSide(first), splitSide(second)];
    const options = { ...given, quiet: given.quiet || !context.streams.out.isTerminal };
    if (source.container && destination.container)
      throw new CommandError('copying between containers is not supported');
    if (source.container) await copyFrom(source, destination.path, options, context);
    else if (destination.container) await copyTo(source.path, destination, options, context);
    else throw new CommandError('must specify at least one container source');
    return 0;
  },
});
