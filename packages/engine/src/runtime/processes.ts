import { EngineError, messageOf } from '../errors.ts';
import { ProgramMissing, run } from '../process.ts';

/** What the host's ps prints with these arguments, which a user has chosen. */
export async function listAllProcesses(args: string): Promise<string> {
  try {
    return await run('ps', args.split(' ').filter(Boolean));
  } catch (error) {
    if (error instanceof ProgramMissing) {
      throw new EngineError('unavailable', `${error.message}; this installs it: apt-get install procps`);
    }
    throw new EngineError('badParameter', `ps: ${messageOf(error)}`, { cause: error });
  }
}
