import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ProgramFailed, start } from '../process.ts';

/** Files that the monitor and the OCI runtime keep in a bundle. */
export const bundleFiles = {
  config: 'config.json',
  /** Process ID of the container's or exec's process. */
  pid: 'pid',
  /** Process ID of the monitor. */
  monitorPid: 'conmon.pid',
  control: 'ctl',
  /** What the OCI runtime had to say: with a terminal, an error reaches its standard error no more. */
  log: 'oci.log',
  /** There when the kernel told the monitor that it killed for want of memory. */
  outOfMemory: 'oom',
} as const;

export interface MonitorOptions {
  conmon: string;
  /** Path of the OCI runtime and the arguments that come before its command. */
  runtime: string;
  runtimeArgs: readonly string[];
  containerId: string;
  bundle: string;
  exitDir: string;
  /** Where output is written in the k8s-file format; empty: nowhere. */
  logPath: string;
  terminal: boolean;
  stdin: boolean;
  leaveStdinOpen: boolean;
  /** File with the process of an exec; the container itself is created when left out. */
  processFile?: string;
}

/** A container or exec that is being made. */
export interface Monitor {
  /** The attach socket is there; an exec does not run before `start`. */
  readonly attachable: Promise<void>;
  start(): void;
  /** Rejects with RuntimeRefused when the OCI runtime would not. */
  readonly pid: Promise<number>;
}

/** What the OCI runtime printed before it gave up. */
export class RuntimeRefused extends Error {
  override name = 'RuntimeRefused';
}

/**
 * Starts conmon, which starts the OCI runtime, becomes the container's parent and outlives the engine: it forks
 * away into a session of its own and inherits nothing but the pipes below.
 */
export function startMonitor(options: MonitorOptions): Monitor {
  const exec = options.processFile !== undefined;
  const child = start(options.conmon, monitorArgs(options), {
    cwd: options.bundle,
    descriptors: ['null', 'null', 'writes', 'writes', ...(exec ? (['writes', 'reads'] as const) : [])],
    // In TMPDIR conmon makes the socket on which it is sent the terminal: in the bundle it is cleaned up with
    // it, and as "." it is never too long for a socket's address. TZ: the log has its times in UTC.
    env: {
      PATH: process.env.PATH,
      TMPDIR: '.',
      TZ: 'UTC',
      _OCI_SYNCPIPE: '3',
      ...(exec && { _OCI_ATTACHPIPE: '4', _OCI_STARTPIPE: '5' }),
    },
  });
  const [complaints, sync, attach, gate] = child.pipes.slice(2);
  let complaint = '';
  complaints?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const complained = complaints && once(complaints, 'close');

  // What was started forks the monitor and ends at once.
  const failed = child.wait().then(async ({ code, signal }) => {
    if (code === 0) return new Promise<never>(() => undefined);
    const ending = signal ? `was ended by ${signal}` : `exited with code ${code}`;
    await complained;
    throw new ProgramFailed('conmon', ending, complaint.trim());
  });
  const firstLine = (pipe: Readable | null | undefined) =>
    Promise.race([failed, pipe ? readLine(pipe) : Promise.reject(new Error('no pipe'))]);

  const pid = firstLine(sync).then(async (line) => {
    sync?.destroy();
    const report = parseReport(line);
    if (report.data > 0) return report.data;
    const log = await readFile(join(options.bundle, bundleFiles.log), 'utf8').catch(() => '');
    throw new RuntimeRefused(log.trim() || report.message || complaint.trim());
  });
  const attachable = exec ? firstLine(attach).then(() => void attach?.destroy()) : Promise.resolve();
  // Before it starts a child, conmon waits for one write; an exec waits for a second before it runs.
  gate?.on('error', () => undefined).write('{}\n');
  // Who waits for one of them and fails does not wait for the other.
  pid.catch(() => undefined);
  attachable.catch(() => undefined);
  return {
    attachable,
    start: () => gate?.end('{}\n'),
    pid,
  };
}

function monitorArgs(options: MonitorOptions): string[] {
  const args = ['--api-version', '1', '-c', options.containerId, '-u', options.containerId];
  args.push('-n', options.containerId, '-r', options.runtime, '-b', options.bundle, '--full-attach');
  args.push(
    '-p',
    `${options.bundle}/${bundleFiles.pid}`,
    '-P',
    `${options.bundle}/${bundleFiles.monitorPid}`,
  );
  args.push('--exit-dir', options.exitDir, '--no-sync-log');
  args.push('-l', options.logPath ? `k8s-file:${options.logPath}` : 'none');
  if (options.terminal) args.push('-t');
  if (options.stdin) args.push('-i');
  if (options.leaveStdinOpen) args.push('--leave-stdin-open');
  const log = `${options.bundle}/${bundleFiles.log}`;
  for (const arg of [...options.runtimeArgs, '--log', log]) args.push(`--runtime-arg=${arg}`);
  if (options.processFile !== undefined) {
    args.push('-e', '--exec-attach', '--exec-process-spec', options.processFile);
  }
  return args;
}

function readLine(pipe: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    pipe.setEncoding('utf8');
    pipe.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    pipe.once('end', () => resolve(text));
    pipe.once('error', reject);
  });
}

/** Reads what conmon reports: `{"data": 4711}` or `{"data": -1, "message": "…"}`. */
export function parseReport(line: string): { data: number; message: string } {
  if (!line) return { data: -1, message: '' };
  // conmon writes one control character and whatever is no UTF-8 as it is.
  const report: unknown = JSON.parse(line.replace(/[\x00-\x1f]/g, ' '));
  const { data, message } = report as { data?: unknown; message?: unknown };
  return { data: Number(data ?? -1), message: typeof message === 'string' ? message.trim() : '' };
}
