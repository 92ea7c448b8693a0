import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { run } from '../support/command.ts';

const release = 'bookworm';
const minutes = 60_000;

async function must(program: string, args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(program, args, { env: process.env, timeout: 15 * minutes });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code}\n${(stdout + stderr).slice(-4000)}`);
}

/**
 * The root of a Debian with these packages, made by debootstrap from the distribution's own archive, as a tar file.
 * It is made once for a machine and kept by its name beside other temporary files.
 */
export async function debianRoot(name: string, packages: readonly string[] = []): Promise<string> {
  const kept = `${tmpdir()}/davit-test-${release}-${name}.tar`;
  if (existsSync(kept)) return kept;
  const folder = mkdtempSync(`${tmpdir()}/davit-test-debootstrap-`);
  try {
    await must('debootstrap', [
      '--variant=minbase',
      ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
      release,
      `${folder}/root`,
      'http://deb.debian.org/debian',
    ]);
    rmSync(`${folder}/root/var/cache/apt`, { recursive: true, force: true });
    await must('tar', ['-C', `${folder}/root`, '--one-file-system', '-cf', `${folder}/root.tar`, '.']);
    renameSync(`${folder}/root.tar`, kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
