import type { BuildReport } from '@davit/api';
import { printableText } from '../../../format/printable.ts';
import { createLiveArea } from '../../../terminal/live.ts';
import type { Output } from '../../../terminal/streams.ts';
import { progressLines } from './lines.ts';
import { applyReport, type BuildState, createBuildState, endBuild } from './state.ts';

/** A build as a terminal shows it while it goes on. */
export interface BuildView {
  /** So many bytes of the context have gone. */
  sent(bytes: number): void;
  report(report: BuildReport): void;
  /** Ends the picture; what comes later is written below it. */
  end(outcome: Exclude<BuildState['outcome'], 'running'>): Promise<void>;
  /** Takes the picture away, as the engine tells of the build in another way. Returns whether there was one. */
  giveWay(): Promise<boolean>;
}

/** Milliseconds between two pictures. */
const interval = 100;

/** Begins to show a build on a terminal. */
export function createBuildView(
  output: Output,
  { title, sendsContext }: { title: string; sendsContext: boolean },
): BuildView {
  const state = createBuildState(title, performance.now(), sendsContext);
  const area = createLiveArea(output);
  let isOver = false;

  const draw = (): Promise<void> => {
    const { width, height, color } = output;
    return area.show(progressLines(state, { width, height, color, now: performance.now() }));
  };
  const ticking = setInterval(() => void draw(), interval);
  const stopResizing = output.onResize(() => void draw());
  const stop = () => {
    isOver = true;
    clearInterval(ticking);
    stopResizing();
  };

  return {
    sent(bytes) {
      if (state.context) state.context.bytes = bytes;
    },
    report(report) {
      const now = performance.now();
      // The engine plans when it has all of the context.
      if (state.context) state.context.ended ??= now;
      applyReport(state, report, now);
    },
    async end(outcome) {
      if (isOver) return;
      stop();
      endBuild(state, outcome, performance.now());
      await draw();
      for (const warning of state.warnings) await output.line(printableText(warning));
      if (!state.image || outcome !== 'done') return;
      await output.line(`Image ${state.image.id}`);
      for (const name of state.image.names) await output.line(`Named ${name}`);
    },
    async giveWay() {
      if (isOver) return false;
      stop();
      await area.show([]);
      return true;
    },
  };
}
