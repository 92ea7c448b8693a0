import type { BuildPlanStep, BuildReport, ProgressMessage } from '@davit/api';
import { printableLine } from '../../../format/printable.ts';
import { humanSize } from '../../../format/units.ts';

export type StepStatus = 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'canceled';

/** A step as it is shown; times are milliseconds of one clock. */
export interface ShownStep extends BuildPlanStep {
  status: StepStatus;
  began: number;
  ended: number;
  /** Bytes that it added. */
  bytes: number;
  /** The stage that it waits for; empty for none. */
  waitsFor: string;
  /** The last lines that it printed; the last one may go on. */
  tail: string[];
  /** Layers of an image that it pulls, by their IDs. */
  layers: Map<string, { current: number; total: number; done: boolean }>;
}

/** All that is known of a build that is shown. */
export interface BuildState {
  /** What is built, in a few words. */
  title: string;
  outcome: 'running' | 'done' | 'failed' | 'canceled';
  began: number;
  ended: number;
  /** The context on its way to the engine; null when the engine fetches it. */
  context: { bytes: number; ended: number | null } | null;
  steps: ShownStep[];
  warnings: string[];
  image: { id: string; names: string[] } | null;
}

/** Lines of a step's output that are kept. */
const mostTail = 8;
/** Characters of a line that are kept: no terminal is wider. */
const longestLine = 2000;

/** A build of which nothing is known yet. */
export function createBuildState(title: string, now: number, sendsContext: boolean): BuildState {
  return {
    ...{ title, outcome: 'running', began: now, ended: 0, steps: [], warnings: [], image: null },
    context: sendsContext ? { bytes: 0, ended: null } : null,
  };
}

/** Brings a build's state on by what its engine has reported. */
export function applyReport(state: BuildState, report: BuildReport, now: number): void {
  if (report.Event === 'plan') state.steps = report.Steps.map(newStep);
  else if (report.Event === 'warning') state.warnings.push(report.Text);
  else if (report.Event === 'image') state.image = { id: report.ID, names: report.Names };
  else if (report.Event !== 'findings') {
    const step = state.steps[(report.Event === 'failure' ? report.Number : report.Step) - 1];
    if (step) applyToStep(step, report, now);
  }
}

function applyToStep(step: ShownStep, report: BuildReport, now: number): void {
  if (report.Event === 'start' || report.Event === 'ready')
    Object.assign(step, { status: 'running', began: now, waitsFor: '' });
  else if (report.Event === 'wait') step.waitsFor = report.Stage;
  else if (report.Event === 'output') addOutput(step, report.Text);
  else if (report.Event === 'download') addDownload(step, report.Message);
  else if (report.Event === 'end') endStep(step, report.Cached ? 'cached' : 'done', report.Bytes, now);
  else if (report.Event === 'failure') endStep(step, 'failed', 0, now);
}

/** The build is at its end: what still went on was broken off. */
export function endBuild(state: BuildState, outcome: BuildState['outcome'], now: number): void {
  Object.assign(state, { outcome, ended: now });
  for (const step of state.steps) if (step.status === 'running') endStep(step, 'canceled', 0, now);
}

const newStep = (plan: BuildPlanStep): ShownStep => ({
  ...plan,
  ...{ status: 'waiting', began: 0, ended: 0, bytes: 0, waitsFor: '', tail: [], layers: new Map() },
});

function endStep(step: ShownStep, status: StepStatus, bytes: number, now: number): void {
  Object.assign(step, { status, bytes, ended: now, tail: [] });
}

function addOutput(step: ShownStep, text: string): void {
  const lines = ((step.tail.pop() ?? '') + text).split('\n');
  step.tail = [...step.tail, ...lines].slice(-mostTail - 1).map((line) => line.slice(-longestLine));
}

/** The last lines that a step has printed, or how the pull of its image goes on, as a terminal can show them. */
export function shownTail({ tail, layers }: ShownStep, most: number): string[] {
  const lines = tail.map(printableLine).filter((line) => line.trim() !== '');
  const all = layers.size === 0 ? lines : [...lines, pullText([...layers.values()])];
  return all.slice(Math.max(all.length - most, 0));
}

function pullText(layers: { current: number; total: number; done: boolean }[]): string {
  const sum = (pick: 'current' | 'total') => layers.reduce((all, layer) => all + layer[pick], 0);
  const done = layers.filter((layer) => layer.done).length;
  const bytes = sum('total') > 0 ? `, ${humanSize(sum('current'), 3)} of ${humanSize(sum('total'), 3)}` : '';
  return `${done} of ${layers.length} layers pulled${bytes}`;
}

function addDownload({ layers }: ShownStep, { id = '', status = '', progressDetail }: ProgressMessage): void {
  if (!/^[0-9a-f]{12}$/.test(id)) return;
  const before = layers.get(id) ?? { current: 0, total: 0, done: false };
  const { current = 0, total = 0 } = status === 'Downloading' ? (progressDetail ?? {}) : before;
  layers.set(id, { current, total, done: status === 'Pull complete' || status === 'Already exists' });
}
