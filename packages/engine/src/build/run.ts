import { containerCreateBody } from '@davit/api';
import { EngineError } from '../errors.ts';
import { commandOf, jsonForm } from '../images/changes.ts';
import type { LayerRecord } from '../state/images.ts';
import type { Build } from './build.ts';
import type { Instruction } from './dockerfile/parse.ts';
import { layerOfContainer } from './layer.ts';
import { createOutput } from './output.ts';
import { type StepProgress, shortId } from './progress.ts';
import type { PreparedMounts } from './runmounts.ts';
import { diffIdsOf } from './snapshot.ts';
import { proxiesOf, runArguments, type StageState } from './stagestate.ts';

/** A step that forks without end stops here. */
const mostProcesses = 16_384;

/** What RUN runs: a list of words, a text for the shell with its here-documents, or a script of its own. */
export function runCommand(
  { snapshot }: StageState,
  { rest, heredocs }: Instruction,
): { command: string[]; script: string } {
  const words = heredocs.length > 0 ? null : jsonForm(rest);
  if (words?.length === 0) throw new EngineError('badParameter', 'RUN requires at least one argument');
  if (words) return { command: words, script: '' };
  const [only] = heredocs;
  const isAlone = heredocs.length === 1 && only?.word === rest.trim();
  if (isAlone && only.content.startsWith('#!'))
    return { command: [`${scriptFolder}/${only.name}`], script: only.content };
  const documents = heredocs.map(({ content, name }) => `${content}${name}\n`);
  const text = isAlone ? only.content : [rest, documents.join('')].filter(Boolean).join('\n');
  return { command: commandOf(snapshot.config, text), script: '' };
}

/** Where a script that names its own interpreter is seen: no image has anything there. */
export const scriptFolder = '/dev/pipes';

/** How RUN is told to people and in the history. */
export const shownCommand = (command: readonly string[]): string => command.join(' ');

export interface RunOptions {
  command: string[];
  network: string;
  privileged: boolean;
  mounts: PreparedMounts;
}

/** Runs a command in a container above a stage's layers; what it has written becomes a layer. */
export async function runStep(
  build: Build,
  state: StageState,
  { command, network, privileged, mounts }: RunOptions,
  progress: StepProgress,
): Promise<LayerRecord | null> {
  const { containers, store, options, signal } = build;
  const { config, platform } = state.snapshot;
  const { Id: id } = await containers.create({
    name: '',
    platform: '',
    image: {
      id: state.id,
      config: { Env: config.Env, User: config.User, WorkingDir: config.WorkingDir },
      layers: diffIdsOf(state.snapshot),
      architecture: platform.architecture,
      os: platform.os,
    },
    unrecorded: mounts.environment,
    body: containerCreateBody(
      {
        Image: state.id,
        Entrypoint: [''],
        Cmd: command,
        Env: [...runArguments(state), ...proxiesOf(build, state)],
        NetworkDisabled: network === 'none',
        HostConfig: {
          PidsLimit: mostProcesses,
          ...options.hostConfig,
          NetworkMode: network,
          Privileged: privileged,
          LogConfig: { Type: 'none' },
          Mounts: mounts.mounts,
        },
      },
      '',
    ),
  });
  store.addLease('container', id);
  let keep = false;
  try {
    signal.throwIfAborted();
    await progress.say(` ---> Running in ${shortId(id)}`);
    const exitCode = await runToEnd(build, id, progress);
    if (exitCode !== 0) {
      keep = !options.removeFailed;
      throw commandFailed(command, exitCode);
    }
    keep = !options.removeContainers;
    await mounts.clean(id);
    const layer = await layerOfContainer(build, id, keep);
    if (!keep) await progress.say(` ---> Removed intermediate container ${shortId(id)}`);
    return layer;
  } finally {
    if (!keep || signal.aborted) await containers.remove(id, { force: true });
    store.removeLease('container', id);
  }
}

/** Thrown for a command that failed: clients are told its exit code. */
export class CommandFailed extends EngineError {
  readonly code: number;

  constructor(message: string, code: number) {
    super('badParameter', message);
    this.code = code;
  }
}

const commandFailed = (command: readonly string[], code: number): CommandFailed =>
  new CommandFailed(`The command '${shownCommand(command)}' returned a non-zero code: ${code}`, code);

async function runToEnd({ containers, signal }: Build, id: string, progress: StepProgress): Promise<number> {
  const output = createOutput((stream, text) => progress.output(stream, text));
  const attached = containers.attach(
    id,
    { stdin: false, stdout: true, stderr: true, stream: true, logs: false, detachKeys: '' },
    () => output,
    '1.51',
  );
  attached.catch(() => undefined);
  const { ended } = containers.wait(id, 'next-exit', signal);
  ended.catch(() => undefined);
  try {
    await containers.start(id);
    const code = await ended;
    await attached;
    output.end();
    await new Promise((resolve) => output.once('finish', resolve));
    return code;
  } finally {
    output.destroy();
  }
}
