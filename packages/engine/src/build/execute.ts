import { EngineError, messageOf } from '../errors.ts';
import { formatPlatform, matchesPlatform, parsePlatform } from '../images/platform.ts';
import { familiarReference, parseReference, withDefaultTag } from '../images/reference.ts';
import type { FileTree } from '../storage/hold.ts';
import type { Build } from './build.ts';
import { excerpt } from './dockerfile/failure.ts';
import { type Instruction, parseTrigger } from './dockerfile/parse.ts';
import { findStage, type Stage } from './plan.ts';
import type { StepInfo, StepProgress } from './progress.ts';
import { CommandFailed } from './run.ts';
import { diffIdsOf, fileOf, type Snapshot, scratch, snapshotOf } from './snapshot.ts';
import type { StageState } from './stagestate.ts';
import { performStep } from './steps.ts';

/**
 * Builds all stages that a plan needs, each as soon as those it needs are there. Returns the target's image. When
 * one fails the others are broken off, and nothing of them goes on when the failure is thrown.
 */
export async function executePlan(whole: Build): Promise<Snapshot> {
  const failed = new AbortController();
  const build: Build = { ...whole, signal: AbortSignal.any([whole.signal, failed.signal]) };
  const { plan, progress } = build;
  const { lanes, infos } = listSteps(build);
  await progress.begin(infos);
  await tellPreamble(build, lanes[0] ?? []);
  const results = new Map<number, Promise<Snapshot>>();
  const stageResult = (index: number): Promise<Snapshot> =>
    results.get(index) ?? Promise.reject(new EngineError('internal', `stage ${index} is not built`));
  for (const [at, stage] of plan.stages.entries()) {
    const work = buildStage({ build, stage, lane: at + 1, infos: lanes[at + 1] ?? [], stageResult });
    // Before those that need it hear of its failure: they did not fail.
    work.catch(() => failed.abort(new EngineError('conflict', 'another stage of the build failed')));
    results.set(stage.index, work);
  }
  try {
    await Promise.all(results.values());
  } catch (error) {
    await Promise.allSettled(results.values());
    throw error;
  }
  return stageResult(plan.target.index);
}

/** The steps of all stages, numbered through. */
function listSteps({ plan }: Build): { lanes: StepInfo[][]; infos: StepInfo[] } {
  const infos: StepInfo[] = [];
  const add = (stage: string) => (instruction: Instruction) => {
    const info = { index: infos.length, stage, text: instruction.text, line: instruction.line };
    infos.push(info);
    return info;
  };
  const lanes = [
    plan.preamble.map(add('')),
    ...plan.stages.map((stage) => [stage.from, ...stage.steps].map(add(nameOf(plan.all, stage.index)))),
  ];
  return { lanes, infos };
}

/** What a stage is called: its name, or else its number. */
const nameOf = (stages: readonly Stage[], index: number): string => stages[index]?.name || String(index);

async function tellPreamble(
  { progress, plan, consumed, options }: Build,
  infos: readonly StepInfo[],
): Promise<void> {
  for (const info of infos) {
    const step = progress.step(0, info);
    await step.start();
    await step.end({ id: '', cached: false, size: 0 });
  }
  for (const name of Object.keys(plan.globals))
    if (Object.hasOwn(options.buildArgs, name)) consumed.add(name);
  await progress.closeLane(0, '');
}

interface StageWork {
  build: Build;
  stage: Stage;
  lane: number;
  infos: readonly StepInfo[];
  stageResult(index: number): Promise<Snapshot>;
}

async function buildStage(work: StageWork): Promise<Snapshot> {
  const { build, stage, lane, infos, stageResult } = work;
  const { progress, options, plan } = build;
  const [first, ...rest] = infos;
  if (!first) throw new EngineError('internal', 'a stage has no steps');
  const state: StageState = {
    stage,
    snapshot: scratch(),
    id: '',
    args: {},
    hasCommand: false,
    useCache:
      !options.noCache &&
      !options.inputs.noCacheStages.some((name) => [stage.name, String(stage.index)].includes(name)),
    escapedBy: plan.file.escapedBy,
  };
  const perform = (instruction: Instruction, step: StepProgress) => {
    const open = async (name: string | undefined) => {
      const tree = await openOrigin(work, name, step);
      step.ready();
      return tree;
    };
    return performStep({ build, state, instruction, progress: step, open });
  };

  await tracked(build, stage.from, progress.step(lane, first), async (step) => {
    if (typeof stage.base === 'number') step.wait(nameOf(plan.all, stage.base));
    state.snapshot =
      typeof stage.base === 'number'
        ? await stageResult(stage.base)
        : await openImage(build, stage.base, stage.platform || options.platform, step);
    step.ready();
    state.id = stage.base === 'scratch' ? '' : fileOf(state.snapshot).id;
    const triggers = takeTriggers(state);
    if (triggers.length > 0)
      await step.say(`# Executing ${triggers.length} build trigger${triggers.length === 1 ? '' : 's'}`);
    for (const trigger of triggers) await perform(parseTrigger(trigger), step);
    return { id: state.id, cached: false, size: 0 };
  });
  for (const [index, instruction] of stage.steps.entries()) {
    const info = rest[index] ?? first;
    await tracked(build, instruction, progress.step(lane, info), async (step) => {
      const before = state.snapshot.layers.length;
      const cached = await perform(instruction, step);
      return {
        id: state.id,
        cached,
        size: state.snapshot.layers.slice(before).reduce((sum, { size }) => sum + size, 0),
      };
    });
  }
  await progress.closeLane(lane, state.id);
  return state.snapshot;
}

/** Does a step, tells of it, and says in which line of the Dockerfile it failed. */
async function tracked(
  { signal, plan }: Build,
  instruction: Instruction,
  step: StepProgress,
  work: (step: StepProgress) => Promise<{ id: string; cached: boolean; size: number }>,
): Promise<void> {
  signal.throwIfAborted();
  await step.start();
  try {
    await step.end(await work(step));
  } catch (error) {
    signal.throwIfAborted();
    const { source } = plan.file;
    await step.fail({ message: messageOf(error), excerpt: excerpt(source, instruction) });
    if (!(error instanceof EngineError) || error.message.includes('\n')) throw error;
    if (error instanceof CommandFailed) throw error;
    const { line, column } = instruction;
    throw new EngineError(error.kind, `${error.message}\n${excerpt(source, { line, column })}`, {
      cause: error,
    });
  }
}

/** The ONBUILD triggers of a base image, which its children do not inherit. */
function takeTriggers(state: StageState): string[] {
  const { OnBuild, ...config } = state.snapshot.config;
  if (!OnBuild?.length) return [];
  state.snapshot = { ...state.snapshot, config, image: null };
  state.id = fileOf(state.snapshot).id;
  return OnBuild;
}

async function openOrigin(
  { build, stage, stageResult }: StageWork,
  name: string | undefined,
  step: StepProgress,
): Promise<FileTree> {
  if (name === undefined) return build.context.tree();
  const named = build.options.inputs.contexts.get(name);
  if (named && 'context' in named) return named.context.tree();
  const other = named ? undefined : findStage(build.plan.stages, name, stage.index);
  if (other) step.wait(nameOf(build.plan.all, other.index));
  const snapshot = other
    ? await stageResult(other.index)
    : await openImage(build, named && 'image' in named ? named.image : name, build.options.platform, null);
  return build.origins.layers(diffIdsOf(snapshot));
}

/** An image to build on or to copy from, pulled when it is not here. */
async function openImage(
  build: Build,
  name: string,
  platform: string,
  step: StepProgress | null,
): Promise<Snapshot> {
  const { images, held, options, signal } = build;
  const wanted = parsePlatform(platform);
  const named = options.inputs.contexts.get(name);
  const actual = named && 'image' in named ? named.image : name;
  if (actual === 'scratch') return scratch(wanted);
  const find = () => {
    const { config, parts } = images.open(actual, held);
    return snapshotOf(config, parts);
  };
  if (!options.pull) {
    const here = tryTo(find);
    if (here && (platform === '' || matchesPlatform(here.platform, wanted))) return here;
  }
  const reference = withDefaultTag(parseReference(actual));
  await images.pull(
    {
      ...{ name: familiarReference(reference), tag: '', signal },
      platform: platform === '' ? '' : formatPlatform(wanted),
      credentials: options.credentialsFor(reference.domain),
    },
    (message) => step?.message(message) ?? Promise.resolve(),
  );
  return find();
}

function tryTo<T>(find: () => T): T | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return null;
    throw error;
  }
}
