import { EngineError, messageOf } from '../errors.ts';
import { ProgramFailed, ProgramMissing, run } from '../process.ts';

/**
 * What the host's ps prints with these arguments, which a user has chosen: of certain processes where the arguments
 * can be combined with that, else of all. Throws `badParameter` with the first line of what ps complains about.
 */
export async function listHostProcesses(args: string, pids: readonly number[]): Promise<string> {
  const words = args.split(' ').filter(Boolean);
  try {
    return await run('ps', [...words, '-q', pids.join(',')]).catch((error: unknown) => {
      if (error instanceof ProgramFailed) return run('ps', words);
      throw error;
    });
  } catch (error) {
    if (error instanceof ProgramMissing) {
      throw new EngineError('unavailable', `${error.message}; this installs it: apt-get install procps`);
    }
    const complaint = error instanceof ProgramFailed ? error.stderr.split('\n', 1)[0] : '';
    throw new EngineError('badParameter', `ps: ${complaint || messageOf(error)}`, { cause: error });
  }
}
