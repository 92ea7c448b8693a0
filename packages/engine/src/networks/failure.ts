import { EngineError, messageOf } from '../errors.ts';
import { ProgramMissing } from '../process.ts';

const packages: Record<string, string> = { ip: 'iproute2', nft: 'nftables', mount: 'mount' };

/** Says what a machine lacks for networks, and what helps. Errors that were meant for the user stay as they are. */
export function explained(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = messageOf(error);
  if (error instanceof ProgramMissing) {
    const wanted = packages[error.program] ?? error.program;
    return new EngineError('unavailable', `${text}, and networks need it: apt-get install ${wanted}`);
  }
  const hint = text.includes('not permitted') ? ' (networks need root)' : '';
  return new EngineError('unavailable', `cannot set up networks on this machine: ${text}${hint}`, {
    cause: error,
  });
}
