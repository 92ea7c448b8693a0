import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { ConnectionError } from './errors.ts';

/** A machine that is reached with ssh, and where the engine listens there; empty: where it does by default. */
export interface SshTarget {
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** Reads `ssh://[user@]host[:port][/path/of/socket]`. Throws ConnectionError in docker's words. */
export function parseSsh(address: string): SshTarget {
  const refuse = (why: string) =>
    new ConnectionError(`Failed to initialize: ssh host connection is not valid: invalid SSH URL: ${why}`);
  const rest = address.slice('ssh://'.length);
  const [, beforeFragment = '', fragment = ''] = /^([^#]*)#?(.*)$/s.exec(rest) ?? [];
  const [, place = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(beforeFragment) ?? [];
  const [, login = '', name = '', path = ''] = /^(?:([^@/]*)@)?([^/]*)(\/.*)?$/s.exec(place) ?? [];
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/s.exec(login) ?? [];
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(name) ?? [];
  if (password !== undefined) throw refuse('plain-text password is not supported');
  if (query !== '') throw refuse(`query parameters are not allowed: ${JSON.stringify(query)}`);
  if (fragment !== '') throw refuse(`fragments are not allowed: ${JSON.stringify(fragment)}`);
  if (host === '') throw refuse('hostname is empty');
  if (!/^\d*$/.test(port)) {
    throw new ConnectionError(
      `Failed to initialize: parse ${JSON.stringify(address)}: invalid port ${JSON.stringify(`:${port}`)} after host`,
    );
  }
  return {
    user: decodeURIComponent(user),
    host: host.replace(/^\[|\]$/g, ''),
    port,
    path: path.replace(/^\/$/, ''),
  };
}

/** The command for the other machine's shell: davit there, or docker where there is no davit. */
export function remoteCommand(path: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const words = `${path === '' ? '' : `--host ${quoted(`unix://${path}`)} `}system dial-stdio`;
  return `sh -c ${quoted(`command -v davit >/dev/null 2>&1 && exec davit ${words}; exec docker ${words}`)}`;
}

function sshArguments({ user, host, port, path }: SshTarget): string[] {
  const login = user === '' ? [] : ['-l', user];
  const where = port === '' ? [] : ['-p', port];
  return ['-o', 'ConnectTimeout=30', '-T', ...login, ...where, '--', host, remoteCommand(path)];
}

/** What ssh said is kept up to here. */
const mostSaid = 4096;

/**
 * Opens a connection to the engine of another machine with the system's ssh, which knows its user's keys, agents
 * and configuration. A connection that ssh could not make is destroyed with a ConnectionError.
 */
export function dialSsh(target: SshTarget, address: string): Promise<Duplex> {
  // Of a session of its own: an interrupt typed at the terminal is for us to act upon, not for ssh.
  const child = spawn('ssh', sshArguments(target), { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-mostSaid);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'ssh is not installed here' : error.message;
      reject(new ConnectionError(`error during connect: ${address}: ${why}`, { cause: error }));
    });
    child.once('spawn', () =>
      resolve(joinChild(child as PipedChild, () => explain(address, child.exitCode, said))),
    );
  });
}

type PipedChild = ChildProcess & { stdin: Duplex; stdout: Duplex };

function explain(address: string, code: number | null, said: string): ConnectionError {
  const stderr = said.trim() === '' ? '' : `:\n${said.trim()}`;
  return new ConnectionError(
    `error during connect: ${address}: ssh ended with exit status ${code ?? 'unknown'}; make sure that the address ` +
      `is right, and that davit or docker is installed there${stderr}`,
  );
}

/** A child's two pipes as one connection, each direction of which ends for itself. */
function joinChild(child: PipedChild, failure: () => Error): Duplex {
  const { stdin, stdout } = child;
  const connection = new Duplex({
    allowHalfOpen: true,
    read: () => void stdout.resume(),
    // A write that ssh is no more there for fails before its end is known, which says more.
    write: (chunk, _encoding, done) => void stdin.write(chunk, () => done()),
    final: (done) => void stdin.end(done),
    destroy(error, done) {
      stdin.destroy();
      child.kill();
      done(error);
    },
  });
  // What ssh does not take any more it tells with its exit code.
  stdin.on('error', () => undefined);
  stdout.on('data', (chunk) => {
    if (!connection.push(chunk)) stdout.pause();
  });
  child.once('close', (code) => {
    if (code === 0) connection.push(null);
    else connection.destroy(failure());
  });
  return connection;
}
