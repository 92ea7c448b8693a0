import type { BuildStep, BuildSummary } from '@davit/api';
import type { BuilderConfig } from '../config.ts';
import type { BuildHistory } from '../state/buildhistory.ts';
import type { BuildProgress, StepInfo, StepProgress } from './progress.ts';

/** Writes down how long the steps of one build take. */
export interface Recorder {
  /** The context as it comes in, which is counted. */
  receiving(context: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /** What is told of the build, noted as well. */
  watch(progress: BuildProgress): BuildProgress;
  /** The build has made an image, or failed; `aborted`: because it was broken off. */
  end(result: { image: string } | { error: string; aborted: boolean }): void;
}

export interface RecordedBuild {
  id: string;
  names: string[];
  target: string;
  dockerfile: string;
}

/** Instructions and errors are kept up to this many characters. */
const longestText = 4000;

/** Begins to write down a build. */
export function createRecorder(
  history: BuildHistory,
  limits: BuilderConfig['history'],
  { id, names, target, dockerfile }: RecordedBuild,
): Recorder {
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  const build: BuildSummary = {
    ...{ ID: id, Names: names, Target: target, Dockerfile: dockerfile || 'Dockerfile' },
    ...{ Status: 'running', Error: '', Image: '', StartedAt: new Date().toISOString() },
    ...{ Seconds: 0, Steps: 0, CachedSteps: 0 },
  };
  history.begin(build);
  const context: BuildStep = {
    ...{ Number: 0, Stage: '', Instruction: 'receive the build context', Line: 0 },
    ...{ Status: 'canceled', StartedAfter: 0, Seconds: 0, Bytes: 0 },
  };
  let steps: BuildStep[] = [];
  /** Who asked has been told why there is no image: what comes after that changes nothing. */
  let hasFailed = false;
  /** Steps that have begun, with the time. */
  const open = new Map<BuildStep, number>();
  const close = (step: BuildStep, status: BuildStep['Status'], bytes: number) => {
    step.Seconds = now() - (open.get(step) ?? now());
    open.delete(step);
    step.Status = status;
    step.Bytes = bytes;
  };

  const watchStep = (info: StepInfo, told: StepProgress): StepProgress => {
    const step = steps[info.index];
    if (!step) return told;
    return {
      ...told,
      start() {
        step.StartedAfter = now();
        open.set(step, step.StartedAfter);
        return told.start();
      },
      ready() {
        step.StartedAfter = now();
        open.set(step, step.StartedAfter);
        told.ready();
      },
      end(result) {
        close(step, result.cached ? 'cached' : 'completed', result.size);
        return told.end(result);
      },
      fail(failure) {
        close(step, 'failed', 0);
        return told.fail(failure);
      },
    };
  };

  return {
    async *receiving(source) {
      for await (const chunk of source) {
        context.Bytes += chunk.length;
        yield chunk;
      }
      context.Status = 'completed';
      context.Seconds = now();
    },

    watch: (progress) => ({
      ...progress,
      begin(infos) {
        steps = infos.map(({ index, stage, text, line }) => ({
          ...{ Number: index + 1, Stage: stage, Instruction: text.slice(0, longestText), Line: line },
          ...{ Status: 'waiting', StartedAfter: 0, Seconds: 0, Bytes: 0 },
        }));
        return progress.begin(infos);
      },
      fail(failure) {
        hasFailed = true;
        return progress.fail(failure);
      },
      step: (lane, info) => watchStep(info, progress.step(lane, info)),
    }),

    end(result) {
      for (const step of open.keys()) close(step, 'canceled', 0);
      const ended: BuildSummary = {
        ...build,
        ...outcomeOf(result, hasFailed),
        Seconds: now(),
        ...{ Steps: steps.length, CachedSteps: steps.filter(({ Status }) => Status === 'cached').length },
      };
      const { maxAge, maxEntries } = limits;
      const oldest = maxAge > 0 ? new Date(Date.now() - maxAge).toISOString() : '';
      history.end(ended, [context, ...steps], { most: maxEntries, oldest });
    },
  };
}

function outcomeOf(
  result: Parameters<Recorder['end']>[0],
  hasFailed: boolean,
): Pick<BuildSummary, 'Status' | 'Image' | 'Error'> {
  if ('image' in result) return { Status: 'completed', Image: result.image, Error: '' };
  const Status = result.aborted && !hasFailed ? 'canceled' : 'failed';
  return { Status, Image: '', Error: result.error.slice(0, longestText) };
}
