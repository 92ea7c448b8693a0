import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** A helper program that refused, with its own words. */
export class HelperError extends Error {
  override name = 'HelperError';
}

const notFound = 'credentials not found in native keychain';

export const isNotFound = (error: unknown): boolean =>
  error instanceof HelperError && error.message.includes(notFound);

/** Runs `docker-credential-NAME ACTION` with `input`; returns what it prints. Throws HelperError. */
export async function callHelper(
  name: string,
  action: 'get' | 'store' | 'erase' | 'list',
  input: string,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<string> {
  const program = `docker-credential-${name}`;
  // Its name is part of a file name, and must not lead elsewhere.
  if (!/^[\w.+-]+$/.test(name)) throw new HelperError(`invalid name of a credential helper: ${name}`);
  const failure = action === 'list' ? 'error listing credentials' : 'error getting credentials';
  const child = spawn(program, [action], { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, output] = await Promise.all([ended, text(child.stdout)]).catch((error) => {
    throw new HelperError(`${failure} - err: exec: "${program}": ${reasonOf(error)}, out: \`\``);
  });
  if (code === 0) return output;
  const said = output.trim();
  throw new HelperError(
    said === notFound ? notFound : `${failure} - err: exit status ${code}, out: \`${said}\``,
  );
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'executable file not found in $PATH' : error.message;
}
