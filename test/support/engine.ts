import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';
import { type HttpAnswer, requestOn } from './http.ts';
import { type NetworkNamespace, networkNamespace } from './network-namespace.ts';
import { isGone, waitFor } from './wait.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export type EngineKind = 'davitd' | 'dockerd';

/** An engine in the foreground, with a network namespace, roots and a socket of its own. */
export interface Engine {
  readonly kind: EngineKind;
  readonly directory: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly socket: string;
  /** `unix://…`, as DOCKER_HOST wants it. */
  readonly host: string;
  readonly network: NetworkNamespace;
  start(): Promise<void>;
  /** Ends it with SIGTERM and waits. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL and waits; nothing is tidied up. */
  crash(): Promise<void>;
  pid(): number;
  log(): string;
  request(method: string, path: string, body?: string | Buffer): Promise<HttpAnswer>;
  /** Takes away the network namespace and the directory of an engine that was stopped. */
  discard(): Promise<void>;
}

const programs: Record<EngineKind, string> = { davitd: `${root}/bin/davitd`, dockerd: 'dockerd' };

/** dockerd leaves a few mounts to the next start. */
async function unmountBelow(directory: string): Promise<void> {
  const targets = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  const ours = targets.filter((target) => target.startsWith(`${directory}/`));
  if (ours.length > 0) await run('umount', ['--lazy', ...ours.reverse()]);
}

/** Describes an engine; `start` brings it to life, by way of the command line `inside`. */
export async function createEngine(
  kind: EngineKind,
  args: string[] = [],
  inside: string[] = [],
): Promise<Engine> {
  const directory = await mkdtemp(`${tmpdir()}/davit-test-`);
  const dataRoot = `${directory}/data`;
  const execRoot = `${directory}/exec`;
  const socket = `${directory}/engine.sock`;
  const pidFile = `${directory}/pid`;
  const logFile = `${directory}/log`;
  const network = networkNamespace();
  await network.create();
  mkdirSync(`${directory}/home`);
  let exited: Promise<unknown> = Promise.resolve();

  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const request = (method: string, path: string, body?: string | Buffer) =>
    requestOn(socket, method, path, body);
  const answers = () =>
    request('GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    );
  const pid = () => Number(readFileSync(pidFile, 'utf8'));

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!existsSync(pidFile)) return;
    const engine = pid();
    try {
      process.kill(engine, signal);
    } catch {
      return; // It had ended by itself.
    }
    await waitFor(() => isGone(engine), `the end of ${kind}`, 30_000);
    await exited;
  }

  return {
    kind,
    directory,
    dataRoot,
    execRoot,
    socket,
    host: `unix://${socket}`,
    network,
    pid,
    log,
    request,
    async start() {
      const output = openSync(logFile, 'a');
      const roots = ['--data-root', dataRoot, '--exec-root', execRoot];
      const command = [programs[kind], ...roots, '-H', `unix://${socket}`, '-p', pidFile, ...args];
      // Ends with the test that started it, also when that is interrupted.
      const [program = '', ...rest] = network.enter([
        ...inside,
        'setpriv',
        '--pdeathsig',
        'TERM',
        ...command,
      ]);
      const child = spawn(program, rest, {
        stdio: ['ignore', output, output],
        env: { PATH: process.env.PATH, HOME: `${directory}/home` },
        detached: true,
      });
      closeSync(output);
      exited = once(child, 'exit');
      await waitFor(
        async () => {
          if (child.exitCode !== null) throw new Error(`${kind} did not start:\n${log()}`);
          return existsSync(pidFile) && answers();
        },
        `${kind} to answer`,
        60_000,
      ).catch((error: Error) => {
        throw new Error(`${error.message}\n--- its log\n${log()}`);
      });
    },
    stop: () => end('SIGTERM'),
    crash: () => end('SIGKILL'),
    async discard() {
      await network.remove();
      if (kind === 'dockerd') await unmountBelow(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
