import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { ProgramFailed, run } from '../process.ts';
import { proxiesForPrograms } from '../proxies.ts';

/**
 * Fetches one commit of a git repository into an empty folder. `url` may end with `#REF:FOLDER`, which is left to
 * the caller but for the reference. Configuration of the machine plays no part, and no one is asked for a password.
 * Throws `badParameter`.
 */
export async function cloneRepository(
  url: string,
  directory: string,
  { keepGit, signal }: { keepGit: boolean; signal: AbortSignal },
): Promise<void> {
  const { repository, reference } = splitRepository(url);
  const env = {
    ...proxiesForPrograms(process.env),
    PATH: process.env.PATH,
    HOME: directory,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'http:https:git:ssh',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  };
  const git = (...args: string[]) =>
    run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.ext.allow=never', ...args], {
      cwd: directory,
      env,
      signal,
    });
  try {
    await git('init', '--quiet', '.');
    await git('remote', 'add', 'origin', '--', repository);
    const fetch = (...args: string[]) =>
      git('fetch', '--quiet', '--no-tags', ...args, '--', 'origin', reference || 'HEAD');
    await fetch('--depth=1').catch(async (error: unknown) => {
      // Servers of plain files cannot give a part.
      if (!(error instanceof ProgramFailed && error.stderr.includes('shallow'))) throw error;
      await fetch();
    });
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    throw new EngineError(
      'badParameter',
      `failed to fetch ${repository}: ${error.stderr.split('\n').at(-1)}`,
      {
        cause: error,
      },
    );
  }
  if (!keepGit) await rm(join(directory, '.git'), { recursive: true, force: true });
}

/** The parts of a repository's URL: `https://host/a.git#main:folder`. */
export function splitRepository(url: string): { repository: string; reference: string; folder: string } {
  const [repository = '', fragment = ''] = url.split('#', 2);
  const [reference = '', folder = ''] = fragment.split(':', 2);
  if (repository.startsWith('-') || reference.startsWith('-'))
    throw new EngineError('badParameter', `invalid git repository ${JSON.stringify(url)}`);
  return { repository, reference, folder };
}
