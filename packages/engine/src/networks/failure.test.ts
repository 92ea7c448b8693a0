import { describe, expect, it } from 'vitest';
import { EngineError } from '../errors.ts';
import { ProgramFailed, ProgramMissing } from '../process.ts';
import { explained } from './failure.ts';

describe('a failure of networks', () => {
  it('names the package that brings a missing program', () => {
    expect(explained(new ProgramMissing('nft')).message).toBe(
      'the program nft is not installed, and networks need it: apt-get install nftables',
    );
    expect(explained(new ProgramMissing('ip')).message).toContain('apt-get install iproute2');
  });

  it('hints at root, and keeps what the program said', () => {
    const error = explained(new ProgramFailed('ip', 'refused', 'RTNETLINK answers: Operation not permitted'));
    expect(error.message).toBe(
      'cannot set up networks on this machine: ip refused: RTNETLINK answers: Operation not permitted (networks need root)',
    );
    expect(error.kind).toBe('unavailable');
  });

  it('leaves alone what was meant for the user', () => {
    const error = new EngineError('notFound', 'network foo not found');
    expect(explained(error)).toBe(error);
  });
});
