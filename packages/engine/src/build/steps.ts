import { posix } from 'node:path';
import { formatTime } from '../clock.ts';
import { parseSignal } from '../containers/signals.ts';
import { EngineError } from '../errors.ts';
import { applyInstruction } from '../images/changes.ts';
import { makeDirectoryInside, resolveInside } from '../storage/confined.ts';
import type { FileTree } from '../storage/hold.ts';
import type { Build } from './build.ts';
import { keyOf, type StepOutcome } from './cache.ts';
import { LinkInTheWay } from './contextindex.ts';
import { type CopyMode, copyInto, excluder, ownerOf } from './copy.ts';
import { digestOf } from './digest.ts';
import { flagValue, flagValues } from './dockerfile/flags.ts';
import { readMount } from './dockerfile/mount.ts';
import type { Instruction } from './dockerfile/parse.ts';
import { readArguments } from './plan.ts';
import type { StepProgress } from './progress.ts';
import { runCommand, runStep, shownCommand } from './run.ts';
import { mountKeys, type PlacedMount, prepareMounts } from './runmounts.ts';
import { writeLayer } from './scratchroot.ts';
import { indexFinder, treeFinder } from './select.ts';
import { advance, diffIdsOf, fileOf, type Snapshot } from './snapshot.ts';
import { type CopyRequest, findSources, isFolder } from './sources.ts';
import { expand, historyOf, readingOf, runArguments, type StageState } from './stagestate.ts';
import { lookupOf, platformArguments } from './variables.ts';

/** Finds the files that a name stands for: a stage, an image or a named context; the build context for none. */
export type OpenOrigin = (name: string | undefined) => Promise<FileTree>;

export interface Step {
  build: Build;
  state: StageState;
  instruction: Instruction;
  progress: StepProgress;
  open: OpenOrigin;
}

/** Does one instruction of a stage and brings the stage's state on. Returns whether the result was known. */
export async function performStep(step: Step): Promise<boolean> {
  const { instruction } = step;
  switch (instruction.name) {
    case 'ARG':
      return declareArguments(step);
    case 'RUN':
      return run(step);
    case 'COPY':
    case 'ADD':
      return copy(step);
    case 'WORKDIR':
      return changeDirectory(step);
    default:
      return configure(step);
  }
}

/** Times of layers and images, or the one that all are set to. */
const timeOf = ({ epoch }: Build): string =>
  epoch === null ? new Date().toISOString() : formatTime(BigInt(epoch) * 1_000_000_000n);

interface Work {
  key: string;
  /** What the step is called in the history of an image; null when that does not say all of it. */
  by: string | null;
  kind?: 'internal';
  work(): Promise<StepOutcome['layer']>;
}

function perform({ build, state, instruction }: Step, { key, by, kind, work }: Work): Promise<StepOutcome> {
  const { cache, held, used, signal, epoch, imports } = build;
  // Files of another time are other files.
  const whole = epoch === null ? key : keyOf(key, epoch);
  return cache.perform({
    ...{ key: whole, held, used, signal },
    imported: () => imports.find(whole, state.snapshot, epoch === null ? by : null),
    description: instruction.text,
    kind: kind ?? 'regular',
    useCache: state.useCache,
    work: async () => ({ layer: await work(), created: timeOf(build) }),
  });
}

function settle({ state }: Step, snapshot: Snapshot, outcome: StepOutcome): boolean {
  state.snapshot = snapshot;
  state.id = fileOf(snapshot).id;
  return outcome.cached;
}

/** A step that changes nothing but what the image says of itself; when it was done is remembered. */
async function configure(step: Step): Promise<boolean> {
  const { state, instruction } = step;
  const { name, rest, text } = instruction;
  const config = structuredClone(state.snapshot.config);
  let { author } = state.snapshot;
  if (name === 'MAINTAINER') author = expand(state, rest);
  else if (!applyInstruction(config, name, rest, readingOf(state)))
    throw new EngineError('internal', `${name} cannot be built`);
  if (name === 'ONBUILD') checkTrigger(rest);
  if (name === 'STOPSIGNAL') parseSignal(config.StopSignal ?? '');
  if (name === 'CMD') state.hasCommand = true;
  // A command belongs to the entrypoint that it was written for.
  if (name === 'ENTRYPOINT' && !state.hasCommand) config.Cmd = null;
  const by = historyOf(state.snapshot.config, text);
  const outcome = await perform(step, {
    key: keyOf('config', state.id, text, config, author),
    by,
    kind: 'internal',
    work: () => Promise.resolve(null),
  });
  const { created } = outcome;
  return settle(step, advance(state.snapshot, { config, author, created, by }), outcome);
}

function checkTrigger(rest: string): void {
  const [name = ''] = rest.trim().toUpperCase().split(/\s/, 1);
  if (name === 'ONBUILD')
    throw new EngineError('badParameter', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'FROM' || name === 'MAINTAINER')
    throw new EngineError('badParameter', `${name} isn't allowed as an ONBUILD trigger`);
}

async function declareArguments(step: Step): Promise<boolean> {
  const { build, state, instruction } = step;
  const { buildArgs, target } = build.options;
  const predefined = lookupOf(platformArguments(state.snapshot.platform, target));
  for (const { name, value } of readArguments(instruction, readingOf(state).lookup, state.escapedBy)) {
    build.consumed.add(name);
    const given = Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
    const global = value === undefined ? build.plan.globals[name] : undefined;
    state.args[name] = given ?? value ?? global ?? predefined(name);
  }
  const by = historyOf(state.snapshot.config, instruction.text);
  const outcome = await perform(step, {
    key: keyOf('config', state.id, instruction.text),
    by,
    kind: 'internal',
    work: () => Promise.resolve(null),
  });
  return settle(step, advance(state.snapshot, { created: outcome.created, by }), outcome);
}

async function changeDirectory(step: Step): Promise<boolean> {
  const { build, state, instruction } = step;
  const config = structuredClone(state.snapshot.config);
  applyInstruction(config, 'WORKDIR', instruction.rest, readingOf(state));
  const { WorkingDir: path = '/', User = '' } = config;
  const below = diffIdsOf(state.snapshot);
  const by = historyOf(state.snapshot.config, instruction.text);
  const outcome = await perform(step, {
    key: keyOf('workdir', state.id, path, User),
    by,
    async work() {
      const { root } = await build.origins.layers(below);
      const found = resolveInside(root, path).stats;
      if (found && !found.isDirectory())
        throw new EngineError('badParameter', `Cannot mkdir: ${path} is not a directory`);
      if (found) return null;
      return writeLayer(build, below, async (tree) => void makeDirectoryInside(tree.root, path));
    },
  });
  const { layer, created } = outcome;
  return settle(step, advance(state.snapshot, { config, layer, created, by }), outcome);
}

function modeOf({ state, instruction: { name, flags } }: Step): CopyMode {
  const chmod = expand(state, flagValue(flags, 'chmod') ?? '');
  if (chmod !== '' && !/^0?[0-7]{1,4}$/.test(chmod))
    throw new EngineError(
      'badParameter',
      `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`,
    );
  return {
    chown: expand(state, flagValue(flags, 'chown') ?? ''),
    mode: chmod === '' ? undefined : Number.parseInt(chmod, 8),
    keepsOwner: flagValue(flags, 'from') !== undefined,
    exclude: flagValues(flags, 'exclude').map((pattern) => expand(state, pattern)),
    unpacks: name === 'ADD' && flagValue(flags, 'unpack') !== 'false',
  };
}

/** Where a path in a Dockerfile leads; that it means a folder is kept. */
function absolute({ snapshot }: StageState, path: string): string {
  const full = posix.resolve(snapshot.config.WorkingDir || '/', path);
  return isFolder(path) && full !== '/' ? `${full}/` : full;
}

async function copy(step: Step): Promise<boolean> {
  const { build, state, instruction } = step;
  const { name, flags } = instruction;
  const mode = modeOf(step);
  const request = await findInContext(step, mode);
  const { selected, made } = request;
  const destination = absolute(state, request.destination);
  const digest = await digestOf([...selected, ...made], {
    ownership: mode.keepsOwner && mode.chown === '',
    excludes: excluder(mode.exclude),
    signal: build.signal,
  });
  // A linked layer is the same whatever lies below it.
  const below = flagValue(flags, 'link') === 'true' ? [] : diffIdsOf(state.snapshot);
  const kind = selected.length + made.length > 1 ? 'multi' : selected[0]?.isDirectory ? 'dir' : 'file';
  const by = historyOf(state.snapshot.config, `${name} ${kind}:${digest} in ${request.destination} `);
  const outcome = await perform(step, {
    // Owners and modes are not in the history.
    by: flags.length === 0 ? by : null,
    key: keyOf('copy', name, below, digest, destination, {
      ...mode,
      chown: await numericOwner(step, mode.chown),
    }),
    work: () =>
      writeLayer(build, below, async (root) => {
        await copyInto(build, root, selected, destination, mode);
        await copyInto(build, root, made, destination, { ...mode, unpacks: false });
      }),
  });
  const { layer, created } = outcome;
  return settle(step, advance(state.snapshot, { layer, created, by }), outcome);
}

/** Finds what is copied: of the build context as long as possible without unpacking it. */
async function findInContext(step: Step, mode: CopyMode): Promise<CopyRequest> {
  const { build, state, instruction, open } = step;
  const from = flagValue(instruction.flags, 'from');
  const { index } = build.context;
  if (from === undefined && index) {
    try {
      const request = await findSources(build, state, instruction, indexFinder(index));
      // What may be an archive itself has to be looked at; what was fetched is not of the context.
      const isKnown =
        !mode.unpacks || request.selected.every(({ isDirectory, node }) => isDirectory || node === null);
      if (isKnown) return request;
    } catch (error) {
      if (!(error instanceof LinkInTheWay)) throw error;
    }
  }
  return findSources(build, state, instruction, treeFinder(await open(from)));
}

/** Names mean what the root's accounts say, which `--link` has nothing of. */
async function numericOwner({ build, state }: Step, chown: string): Promise<string> {
  if (chown === '' || /^\d+(?::\d+)?$/.test(chown)) return chown;
  const { uid, gid } = ownerOf(await build.origins.layers(diffIdsOf(state.snapshot)), chown);
  return `${uid}:${gid}`;
}

async function run(step: Step): Promise<boolean> {
  const { build, state, instruction, progress, open } = step;
  const { flags } = instruction;
  const { config } = state.snapshot;
  const { command, script } = runCommand(state, instruction);
  const network = networkOf(build, flagValue(flags, 'network') ?? 'default');
  const privileged = isInsecure(build, flagValue(flags, 'security') ?? 'sandbox');
  const placed: PlacedMount[] = [];
  for (const text of flagValues(flags, 'mount')) {
    const mount = readMount(text, (word) => expand(state, word));
    const hasFiles = mount.type === 'bind' || (mount.type === 'cache' && mount.from !== '');
    const tree = hasFiles ? await open(mount.from === '' ? undefined : mount.from) : null;
    placed.push({ mount, tree, target: targetOf(mount, config.WorkingDir || '/') });
  }
  const { Env = [], User = '', WorkingDir = '' } = config;
  const args = runArguments(state);
  const by = [...(args.length === 0 ? [] : [`|${args.length}`, ...args]), shownCommand(command)].join(' ');
  const outcome = await perform(step, {
    // Mounts and scripts are not in the history.
    by: flags.length === 0 && script === '' ? by : null,
    key: keyOf(
      ...[
        'run',
        diffIdsOf(state.snapshot),
        Env,
        User,
        WorkingDir,
        command,
        script,
        args,
        network,
        privileged,
      ],
      await mountKeys(build, placed),
    ),
    async work() {
      const mounts = await prepareMounts(build, state, placed, { path: command[0] ?? '', content: script });
      try {
        return await runStep(build, state, { command, network, privileged, mounts }, progress);
      } finally {
        mounts.release();
      }
    },
  });
  const { layer, created } = outcome;
  return settle(step, advance(state.snapshot, { layer, created, by }), outcome);
}

function targetOf({ type, target, id }: PlacedMount['mount'], workingDir: string): string {
  if (target !== '') return posix.resolve(workingDir, target);
  return type === 'ssh' ? `/run/buildkit/ssh_agent.${id === '' ? 0 : id}` : `/run/secrets/${id}`;
}

function networkOf({ options }: Build, wanted: string): string {
  const { NetworkMode: usual = 'default' } = options.hostConfig;
  if (wanted === 'default') return usual || 'default';
  if (wanted === 'none') return 'none';
  if (wanted !== 'host')
    throw new EngineError('badParameter', `unsupported network mode ${JSON.stringify(wanted)}`);
  if (usual === 'host' || options.inputs.allowed.has('network.host')) return 'host';
  throw new EngineError('forbidden', 'network.host is not allowed: give it with --allow network.host');
}

function isInsecure({ options }: Build, wanted: string): boolean {
  if (wanted === 'sandbox') return false;
  if (wanted !== 'insecure')
    throw new EngineError('badParameter', `unsupported security mode ${JSON.stringify(wanted)}`);
  if (options.inputs.allowed.has('security.insecure')) return true;
  throw new EngineError(
    'forbidden',
    'security.insecure is not allowed: give it with --allow security.insecure',
  );
}
