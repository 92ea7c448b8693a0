import type { Duplex } from 'node:stream';
import {
  type ExecCreateBody,
  type ExecInspect,
  type ExecStartBody,
  execCreateBody,
  execStartBody,
  zero,
} from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { buildExecProcess } from '../runtime/spec.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';
import { parseDetachKeys } from './detach.ts';
import { explainStartFailure } from './failure.ts';
import { type ConsoleHub, createConsoleHub } from './hub.ts';
import { presentKnowledge } from './links.ts';
import { newId } from './names.ts';
import { createClientOutput } from './output.ts';
import { readAccounts } from './root.ts';
import { streamType } from './streams.ts';

/** A command that runs beside a container's own, or will, or did. */
interface Exec {
  id: string;
  containerId: string;
  body: ExecCreateBody;
  state: 'created' | 'running' | 'ended';
  pid: number;
  exitCode: number | null;
  endedAt: number;
  hub: ConsoleHub;
  /** Resolved by the exit code, which can come before the start is through. */
  exit: PromiseWithResolvers<number>;
}

export interface Execs {
  create(name: string, body: ExecCreateBody): { Id: string };
  /** Runs the command; unless it is to run detached, on the connection that `take` hands over. */
  start(
    id: string,
    options: ExecStartBody,
    take: (contentType: string) => Duplex,
    version: string,
  ): Promise<void>;
  resize(id: string, rows: number, columns: number): Promise<void>;
  inspect(id: string): ExecInspect;
  /** Runs a command without a client; `take` gets what it prints. */
  capture(
    record: ContainerRecord,
    command: string[],
    take: (bytes: Buffer) => void,
  ): Promise<{ exitCode: Promise<number>; kill(signal: number): Promise<void> }>;
  /** Takes in an exit code; false when it is not that of an exec. */
  exited(id: string, exitCode: number): boolean;
  /** IDs of what runs in a container. */
  runningIn(containerId: string): string[];
}

/** For how long the exit code of an exec can be asked for. */
const remembered = 5 * 60_000;

/** Refuses a container that does not run; one that is paused does. */
export function checkRunning({ id, state: { status } }: ContainerRecord): void {
  if (status === 'running' || status === 'paused') return;
  const because = status === 'restarting' ? 'restarting, wait until the container is running' : 'not running';
  throw new EngineError('conflict', `container ${id} is ${because}`);
}

/** Refuses a container in which nothing can be executed; `name` is what it was called by. */
function checkExecutes(record: ContainerRecord, name: string): void {
  checkRunning(record);
  if (record.state.status === 'paused')
    throw new EngineError('conflict', `container ${name} is paused, unpause the container before exec`);
}

export function createExecs(context: Context): Execs {
  const { store, runtime } = context;
  const execs = new Map<string, Exec>();

  const find = (id: string): Exec => {
    const exec = execs.get(id);
    if (exec && store.get(exec.containerId)) return exec;
    throw new EngineError('notFound', `No such exec instance: ${id}`);
  };
  const prune = () => {
    const oldest = Date.now() - remembered;
    for (const exec of execs.values()) {
      if (exec.state === 'running') continue;
      if (!store.get(exec.containerId) || (exec.state === 'ended' && exec.endedAt < oldest))
        execs.delete(exec.id);
    }
  };
  const publish = (action: string, record: ContainerRecord, exec: Exec, more: Record<string, string> = {}) =>
    context.publish(action, record, { ...more, execID: exec.id });
  const add = (record: ContainerRecord, body: ExecCreateBody): Exec => {
    prune();
    const exec: Exec = {
      id: newId(),
      containerId: record.id,
      body,
      state: 'created',
      pid: 0,
      exitCode: null,
      endedAt: 0,
      hub: createConsoleHub({ tty: body.Tty, inputEnds: !body.Tty }),
      exit: Promise.withResolvers(),
    };
    execs.set(exec.id, exec);
    publish(`exec_create: ${(body.Cmd ?? []).join(' ')}`, record, exec);
    return exec;
  };
  const end = (exec: Exec, exitCode: number) => {
    exec.state = 'ended';
    exec.exitCode = exitCode;
    exec.endedAt = Date.now();
  };

  const spawn = (record: ContainerRecord, exec: Exec, options: ExecStartBody) => {
    const { body } = exec;
    const root = context.roots.describe(record.id, [...record.layers]).MergedDir ?? '';
    const size = options.ConsoleSize ?? body.ConsoleSize;
    const linked = presentKnowledge(context, record).environment;
    return runtime.exec({
      containerId: record.id,
      execId: exec.id,
      bundle: runtime.bundle(exec.id),
      process: buildExecProcess({
        config: { ...record.config, Env: [...linked, ...(record.config.Env ?? [])] },
        hostConfig: record.hostConfig,
        ...readAccounts(root),
        command: body.Cmd ?? [],
        user: body.User,
        env: body.Env ?? [],
        workingDir: body.WorkingDir,
        tty: body.Tty,
        privileged: body.Privileged,
        consoleSize: size,
        facts: runtime.facts,
      }),
      terminal: body.Tty,
      stdin: body.AttachStdin && !options.Detach,
      attach: !options.Detach,
    });
  };

  /** Starts the process and follows it to its end, about which the world is told. */
  const run = async (record: ContainerRecord, exec: Exec, options: ExecStartBody) => {
    const command = (exec.body.Cmd ?? []).join(' ');
    exec.state = 'running';
    try {
      const { pid, console } = await spawn(record, exec, options);
      exec.pid = pid;
      publish(`exec_start: ${command}`, record, exec);
      const ended = exec.exit.promise.then(async (exitCode) => {
        end(exec, exitCode);
        publish('exec_die', record, exec, { exitCode: String(exitCode) });
        // Nobody waits for what is only tidying up.
        runtime
          .delete(exec.id)
          .catch((error) => log.warn('cannot tidy up after an exec', { error: messageOf(error) }));
      });
      return { console, ended };
    } catch (error) {
      const failure = explainStartFailure(error);
      // What is not about the command itself counts as one that cannot be run.
      end(exec, failure.exitCode === 128 ? 126 : failure.exitCode);
      throw failure.error;
    }
  };

  const serve = async (record: ContainerRecord, exec: Exec, options: ExecStartBody, socket: Duplex) => {
    const { body, hub } = exec;
    const detachKeys = parseDetachKeys(body.DetachKeys);
    try {
      const { console, ended } = await run(record, exec, options);
      const served = hub.serve({
        socket,
        stdin: body.AttachStdin,
        stdout: body.AttachStdout,
        stderr: body.AttachStderr,
        frames: !body.Tty,
        detachKeys,
      });
      if (console) await hub.open(async () => console);
      // Clients ask for the exit code as soon as the stream ends: it must be known by then.
      if ((await served) === 'over') await ended;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      // The connection speaks no HTTP any more: as with dockerd, the message is what there is to read.
      createClientOutput(socket, !body.Tty, () => undefined).write(1, Buffer.from(`${error.message}\r\n`));
    }
  };

  return {
    create(name, body) {
      const record = store.find(name);
      if (!body.Cmd?.length) throw new EngineError('badParameter', 'no exec command specified');
      parseDetachKeys(body.DetachKeys);
      checkExecutes(record, name);
      const exec = add(record, body);
      return { Id: exec.id };
    },

    async start(id, options, take, version) {
      const exec = find(id);
      const record = store.find(exec.containerId);
      if (exec.state !== 'created') {
        const already = exec.state === 'running' ? 'is already running' : 'has already run';
        throw new EngineError('conflict', `Error: Exec command ${id} ${already}`);
      }
      checkExecutes(record, record.id);
      if (!options.Detach) return serve(record, exec, options, take(streamType(exec.body.Tty, version)));
      await run(record, exec, options);
    },

    async resize(id, rows, columns) {
      const exec = find(id);
      if (exec.state !== 'running') throw new EngineError('conflict', `exec ${id} is not running`);
      if (exec.body.Tty) await runtime.resize(runtime.bundle(id), rows, columns);
    },

    inspect(id) {
      const { body, containerId, exitCode, pid, state } = find(id);
      const [entrypoint = '', ...args] = body.Cmd ?? [];
      return {
        ID: id,
        Running: state === 'running',
        ExitCode: exitCode,
        ProcessConfig: {
          tty: body.Tty,
          entrypoint,
          arguments: args,
          privileged: body.Privileged,
          ...(body.User !== '' && { user: body.User }),
        },
        OpenStdin: body.AttachStdin,
        OpenStderr: body.AttachStderr,
        OpenStdout: body.AttachStdout,
        CanRemove: false,
        ContainerID: containerId,
        DetachKeys: '',
        Pid: pid,
      };
    },

    async capture(record, command, take) {
      const output = { AttachStdout: true, AttachStderr: true };
      const exec = add(record, { ...zero(execCreateBody), ...output, Cmd: command });
      const { console, ended } = await run(record, exec, zero(execStartBody));
      console?.onData((_stream, bytes) => take(bytes));
      const over = Promise.all([ended, console?.closed]);
      return {
        exitCode: over.then(() => exec.exitCode ?? -1),
        kill: (signal) => runtime.kill(exec.id, signal),
      };
    },

    exited(id, exitCode) {
      const exec = execs.get(id);
      exec?.exit.resolve(exitCode);
      return exec !== undefined;
    },

    runningIn: (containerId) =>
      [...execs.values()]
        .filter((exec) => exec.containerId === containerId && exec.state === 'running')
        .map((exec) => exec.id),
  };
}
