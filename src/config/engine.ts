import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { engineSocket } from './socket.ts';

/** The bundled engine could not be started. */
export class EngineStartError extends Error {
  override name = 'EngineStartError';
}

export interface StartEngine {
  environment: Readonly<Record<string, string | undefined>>;
  /** Tells the user why the command takes its time. */
  say: (text: string) => void;
  /** The program to be started; for tests. */
  program?: string;
}

/** Seconds after which an engine that was started on demand ends when it has nothing to do. */
const idleTimeout = 300;
/** Milliseconds after which the user is told of the start, and after which it is given up. */
const patience = 1_000;
const longest = 60_000;

/**
 * Starts the bundled engine and resolves when it listens. A client that arrives while another one is starting it
 * waits for the same engine. Throws EngineStartError, with the end of the engine's log.
 */
export async function startEngine({
  environment,
  say,
  program = bundledEngine(),
}: StartEngine): Promise<void> {
  const socket = engineSocket(environment);
  if (process.platform !== 'linux') {
    throw new EngineStartError(
      'no engine to talk to: davit brings one for Linux only; choose another with -H, DOCKER_HOST or a context',
    );
  }
  if (process.getuid?.() !== 0) {
    throw new EngineStartError(
      'the davit engine is not running and only root can start it; choose another with -H, DOCKER_HOST or a context',
    );
  }
  const slow = setTimeout(() => say('Starting the davit engine…'), patience);
  try {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o755 });
    const lock = `${socket}.starting`;
    const deadline = Date.now() + longest;
    while (!takeLock(lock)) {
      await delay(20);
      if (await listens(socket)) return;
      if (Date.now() > deadline) throw new EngineStartError(`another client still holds ${lock}`);
    }
    try {
      // It may have come up between the client's first attempt and the lock.
      if (!(await listens(socket))) await launch(program, socket, environment);
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    clearTimeout(slow);
  }
}

function bundledEngine(): string {
  // As far below the package's root from here as from the bundle in dist/client.
  return fileURLToPath(new URL('../../bin/davitd', import.meta.url));
}

/** Takes the lock file, over from a process that is gone too. */
function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = readHolder(path);
  if (holder !== null && !isAlive(holder)) rmSync(path, { force: true });
  return false;
}

function readHolder(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/** Where a start on demand puts the engine and its log, other than the engine's own defaults. */
function placement(environment: StartEngine['environment']): { log: string; flags: string[] } {
  const { DAVIT_DATA_ROOT: data, DAVIT_EXEC_ROOT: exec } = environment;
  return {
    log: exec ? `${exec}/davitd.log` : '/var/log/davit.log',
    flags: [
      ...(data ? ['--data-root', data] : []),
      ...(exec ? ['--exec-root', exec, '--pidfile', `${exec}/davitd.pid`] : []),
    ],
  };
}

async function launch(
  program: string,
  socket: string,
  environment: StartEngine['environment'],
): Promise<void> {
  const { log, flags } = placement(environment);
  mkdirSync(dirname(log), { recursive: true, mode: 0o711 });
  const output = openSync(log, 'a', 0o640);
  const before = statSync(log).size;
  const child = spawn(program, ['-H', `unix://${socket}`, '--idle-timeout', String(idleTimeout), ...flags], {
    detached: true,
    cwd: '/',
    // The engine writes one line to descriptor 3 when it listens, or what keeps it from that, and closes it.
    stdio: ['ignore', output, output, 'pipe'],
    env: { ...environment, DAVITD_READY_FD: '3' },
  });
  closeSync(output);
  const ready = child.stdio[3] as Readable;
  const spawned = once(child, 'spawn');
  try {
    await spawned;
    const said = await Promise.race([firstLine(ready), delay(longest, 'it took too long', { ref: false })]);
    if (said === 'ready') return;
    // Another engine may have been quicker, started by hand or by systemd.
    if (await listens(socket)) return;
    throw new Error(said || 'it ended before it was ready');
  } catch (error) {
    throw new EngineStartError(
      `the davit engine did not start: ${(error as Error).message}\n${tail(log, before)}`.trimEnd(),
      { cause: error },
    );
  } finally {
    ready.destroy();
    child.unref();
  }
}

/** What is said up to the end of the line; nobody waits for the end, which comes with the last heir of the pipe. */
async function firstLine(source: Readable): Promise<string> {
  let said = '';
  for await (const chunk of source.setEncoding('utf8')) {
    said += chunk as string;
    if (said.includes('\n')) break;
  }
  return said.trim();
}

/** The last lines that were added to a log since it was `before` bytes long, and where they are. */
function tail(log: string, before: number): string {
  const added = readFileSync(log).subarray(before).toString().trimEnd();
  if (added === '') return `Its log is ${log}.`;
  const lines = added.split('\n').slice(-5);
  return [`The end of its log, ${log}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
