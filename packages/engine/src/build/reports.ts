import type { BuildFailure, BuildPlanStep, BuildReport, ProgressMessage } from '@davit/api';
import type { BuildProgress, StepInfo, StepProgress } from './progress.ts';

type Send = (message: ProgressMessage) => Promise<void>;

/** Lines and characters of a step's output that are told again when it fails. */
const mostLines = 20;
const mostCharacters = 16 * 1024;

const planned = ({ index, stage, text, line }: StepInfo): BuildPlanStep => ({
  ...{ Number: index + 1, Stage: stage, Instruction: text, Line: line },
});

/** Sends a report as a message that clients which do not know it pass over. */
const reporting =
  (send: Send) =>
  (Build: BuildReport): Promise<void> =>
    send({ aux: { Build } });

/**
 * Tells what the build checks have found, and of the step that failed first before a build's error: where it stands in
 * the Dockerfile, and the end of what it printed. All else is told by `told`.
 */
export function withMore(told: BuildProgress, send: Send): BuildProgress {
  const report = reporting(send);
  let first: BuildFailure | null = null;

  const watch = (info: StepInfo, step: StepProgress): StepProgress => {
    let output = '';
    return {
      ...step,
      output(stream, text) {
        output = (output + text).slice(-mostCharacters);
        return step.output(stream, text);
      },
      fail(failure) {
        const { message, excerpt } = failure;
        first ??= {
          ...{ Event: 'failure', ...planned(info), Message: message, Excerpt: excerpt },
          Output: output === '' ? [] : output.replace(/\n$/, '').split('\n').slice(-mostLines),
        };
        return step.fail(failure);
      },
    };
  };
  return {
    ...told,
    step: (lane, info) => watch(info, told.step(lane, info)),
    async findings(Findings) {
      if (Findings.length > 0) await report({ Event: 'findings', Findings });
    },
    async fail(failure) {
      if (first) await report(first);
      await told.fail(failure);
    },
  };
}

/** Tells a build step by step as it happens, for a client that shows what goes on at once beside one another. */
export function createReports(send: Send): BuildProgress {
  const report = reporting(send);
  return {
    begin: (steps) => report({ Event: 'plan', Steps: steps.map(planned) }),
    step(_lane, { index }) {
      const Step = index + 1;
      return {
        start: () => report({ Event: 'start', Step }),
        wait: (Stage) => void report({ Event: 'wait', Step, Stage }),
        ready: () => void report({ Event: 'ready', Step }),
        say: (Text) => report({ Event: 'say', Step, Text }),
        message: (Message) => report({ Event: 'download', Step, Message }),
        output: (Stream, Text) => report({ Event: 'output', Step, Stream, Text }),
        end: ({ cached, size }) => report({ Event: 'end', Step, Cached: cached, Bytes: size }),
        fail: () => Promise.resolve(),
      };
    },
    closeLane: () => Promise.resolve(),
    warn: (Text) => report({ Event: 'warning', Text }),
    findings: () => Promise.resolve(),
    async finish(id, names) {
      await report({ Event: 'image', ID: id, Names: [...names] });
      await send({ aux: { ID: id } });
    },
    async fail({ message, code }) {
      await send({ errorDetail: code === 0 ? { message } : { code, message }, error: message });
    },
  };
}
