import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { log } from '../log.ts';
import { endLeftovers } from './leftovers.ts';

describe.skipIf(process.platform !== 'linux')('endLeftovers', () => {
  it('ends the programs of these names that run there, and no others', async () => {
    const directory = mkdtempSync(`${tmpdir()}/davit-test-leftovers-`);
    const script = ['-c', 'echo ready; read -r line'];
    const begin = async (program: string, cwd: string) => {
      const child = spawn(program, script, { cwd });
      await once(child.stdout, 'data');
      return { child, exit: once(child, 'exit') };
    };
    const left = await begin('sh', directory);
    const others = await Promise.all([begin('bash', directory), begin('sh', '/')]);
    try {
      await endLeftovers(directory, ['sh', 'ip']);
      expect(await left.exit).toEqual([null, 'SIGKILL']);
      for (const { child } of others) child.stdin.end('\n');
      expect(await Promise.all(others.map(({ exit }) => exit))).toEqual([
        [0, null],
        [0, null],
      ]);
    } finally {
      for (const { child } of [left, ...others]) child.kill('SIGKILL');
      rmSync(directory, { recursive: true });
    }
  });

  it('does not wait for ever for one that cannot be ended', async () => {
    const directory = mkdtempSync(`${tmpdir()}/davit-test-leftovers-`);
    const child = spawn('sh', ['-c', 'echo ready; read -r line'], { cwd: directory });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    // As one that hangs in the kernel takes no signal.
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const warn = vi.spyOn(log, 'warn').mockReturnValue();
    try {
      await endLeftovers(directory, ['sh'], 20);
      expect(kill).toHaveBeenCalledWith(child.pid, 'SIGKILL');
      expect(warn.mock.calls).toEqual([[expect.stringContaining('do not end'), { pids: String(child.pid) }]]);
    } finally {
      vi.restoreAllMocks();
      child.stdin.end('\n');
      await exit;
      rmSync(directory, { recursive: true });
    }
  });
});
