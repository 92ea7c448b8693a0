import { randomBytes } from 'node:crypto';
import { createWriteStream, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { pathError } from './copy/local.ts';

const failed = (why: string) => new CommandError(`failed to export container: ${why}`);

/** Throws when no file can be written at a path. */
function checkFile(path: string): void {
  const folder = dirname(path);
  try {
    statSync(folder);
  } catch (error) {
    throw failed(`invalid output path: ${pathError('stat', folder, error).message}`);
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw failed('cannot write to a directory');
  if (stats && !stats.isFile()) throw failed('cannot write to a non-regular file');
}

/** Writes a file that is there as a whole or not at all. */
async function writeWhole(path: string, content: Readable): Promise<void> {
  const draft = join(dirname(path), `.tmp-${randomBytes(6).toString('hex')}`);
  try {
    await pipeline(content, createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

export default defineCommand({
  usage: '[OPTIONS] CONTAINER',
  summary: "Export a container's filesystem as a tar archive",
  description:
    'Writes all files of a container, without what is mounted in it, to standard output or a file.',
  examples: [
    { command: 'export web > web.tar', explanation: 'To standard output' },
    { command: 'export -o web.tar web', explanation: 'To a file' },
  ],
  arguments: exactly(1),
  flags: {
    output: flag.string({ short: 'o', summary: 'Write to a file, instead of STDOUT', default: '' }),
  },
  run: async ({ output }, [name = ''], context) => {
    const { out } = context.streams;
    if (output === '' && out.isTerminal)
      throw new CommandError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    if (output !== '') checkFile(output);
    const path = containerPath(name);
    const client = await context.connect();
    const { stream } = await client.call(routes.containerExport, { path, signal: context.signal });
    if (output !== '') await writeWhole(output, stream);
    else for await (const chunk of stream) await out.write(chunk);
    return 0;
  },
});
