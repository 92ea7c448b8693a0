import { expect } from 'vitest';
import type { Client } from './client.ts';

/** What tests of the flags of `run` type again and again. */
export interface FlagRunner {
  /** Runs a script in a container with these flags; what it prints of both streams, without the last newline. */
  run(flags: string[], script: string): Promise<string>;
  /** What is said when a container with these flags is refused. */
  refusal(...flags: string[]): Promise<string>;
}

export function flagRunner(davit: Client): FlagRunner {
  return {
    async run(flags, script) {
      const { stdout } = await davit('run', '--rm', ...flags, 'busybox', 'sh', '-c', `{ ${script}; } 2>&1`);
      return stdout.trimEnd();
    },
    async refusal(...flags) {
      const { code, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'true');
      expect(code).toBe(125);
      return stderr;
    },
  };
}
