import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { run } from '../support/command.ts';

const packages = ['postgresql', 'python3-psycopg2', 'nginx-light'];
const release = 'bookworm';
const minutes = 60_000;

async function must(program: string, args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(program, args, { env: process.env, timeout: 15 * minutes });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code}\n${(stdout + stderr).slice(-4000)}`);
}

/**
 * The root of a Debian with a database, a web server and Python, made by debootstrap from the distribution's own
 * archive, as a tar file. It is made once for a machine and kept beside other temporary files.
 */
export async function debianRoot(): Promise<string> {
  const kept = `${tmpdir()}/davit-test-${release}-three-tier.tar`;
  if (existsSync(kept)) return kept;
  const folder = mkdtempSync(`${tmpdir()}/davit-test-debootstrap-`);
  try {
    await must('debootstrap', [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
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
