import { Chalk } from 'chalk';
import { secondsText } from '../../../format/lists/build.ts';
import { printableLine } from '../../../format/printable.ts';
import { humanSize } from '../../../format/units.ts';
import { type Row, renderRow } from './row.ts';
import { type BuildState, type ShownStep, type StepStatus, shownTail } from './state.ts';

export interface Picture {
  /** Columns and rows of the terminal. */
  width: number;
  height: number;
  /** Milliseconds, of the clock of the state. */
  now: number;
  color: boolean;
}

/** How much is left out to make a picture fit. */
interface Folding {
  tail: number;
  done: boolean;
  waiting: boolean;
  stages: boolean;
}

const foldings: Folding[] = [
  { tail: 5, done: false, waiting: false, stages: false },
  { tail: 5, done: false, waiting: true, stages: false },
  { tail: 5, done: true, waiting: true, stages: false },
  { tail: 3, done: true, waiting: true, stages: false },
  { tail: 1, done: true, waiting: true, stages: true },
  { tail: 0, done: true, waiting: true, stages: true },
];

/**
 * A build as lines for a terminal: what goes on with the last lines of its output, what is done in a line each, and
 * folded together when the terminal is too low. A line has fewer columns than the terminal, and while the build
 * goes on there are fewer lines than rows.
 */
export function progressLines(state: BuildState, picture: Picture): string[] {
  const { width, color } = picture;
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const lines = (rows: readonly Row[]) => rows.map((row) => renderRow(row, width - 1, chalk));
  const [whole] = foldings;
  if (state.outcome !== 'running' && whole) return lines(rowsOf(state, picture, whole));
  const most = Math.max(picture.height - 1, 1);
  for (const folding of foldings) {
    const rows = rowsOf(state, picture, folding);
    if (rows.length <= most) return lines(rows);
  }
  const [head, ...rest] = rowsOf(state, picture, foldings.at(-1) as Folding);
  const running = rest.filter(({ style }) => style === 'running');
  return lines([...(head ? [head] : []), ...running].slice(0, most));
}

function rowsOf(state: BuildState, picture: Picture, folding: Folding): Row[] {
  const stages = [...new Set(state.steps.map(({ Stage }) => Stage))];
  const named = stages.filter((stage) => stage !== '').length > 1 && !folding.stages;
  return [
    headRow(state, picture),
    ...contextRows(state, picture),
    ...stages.flatMap((stage) => {
      const steps = state.steps.filter(({ Stage }) => Stage === stage);
      const rows = stepRows(steps, picture, folding);
      if (!named || stage === '' || rows.length === 0) return rows;
      const left = stageName(stage);
      return [{ indent: 1, mark: '', left, right: [], style: 'stage' as const }, ...rows];
    }),
  ];
}

const stageName = (stage: string): string => (/^\d+$/.test(stage) ? `stage ${stage}` : stage);

const verbs = { running: 'Building', done: 'Built', failed: 'Failed to build', canceled: 'Broken off:' };

function headRow(state: BuildState, { now }: Picture): Row {
  const { title, outcome, steps, began, ended } = state;
  const ends = steps.filter(({ status }) => status === 'done' || status === 'cached').length;
  const cached = steps.filter(({ status }) => status === 'cached').length;
  const whole = `${steps.length} step${steps.length === 1 ? '' : 's'}`;
  const count = outcome === 'done' ? whole : `${ends} of ${whole}`;
  const facts = steps.length === 0 ? '' : ` · ${count}${cached > 0 ? `, ${cached} cached` : ''}`;
  const elapsed = secondsText(((outcome === 'running' ? now : ended) - began) / 1000);
  return { indent: 0, mark: '', left: `${verbs[outcome]} ${title}${facts}`, right: [elapsed], style: 'head' };
}

function contextRows({ context, began, ended, outcome }: BuildState, { now }: Picture): Row[] {
  if (!context) return [];
  const isOver = context.ended !== null;
  const style = isOver ? 'done' : outcome === 'running' ? 'running' : 'canceled';
  const time = secondsText(((context.ended ?? (ended || now)) - began) / 1000);
  const right = [humanSize(context.bytes, 3), time];
  return [{ indent: 1, mark: markOf(style, now), left: 'send the build context', right, style }];
}

function stepRows(steps: readonly ShownStep[], picture: Picture, folding: Folding): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < steps.length; ) {
    const end = endOfRun(steps, at, folding);
    const [step] = steps.slice(at, at + 1);
    if (end - at > 1) rows.push(foldedRow(steps.slice(at, end), picture));
    else if (step) rows.push(stepRow(step, picture), ...tailRows(step, folding));
    at = end;
  }
  return rows;
}

const isDone = ({ status }: ShownStep) => status === 'done' || status === 'cached';

/** The end of the steps that are told in one line with the first of them. */
function endOfRun(steps: readonly ShownStep[], from: number, { done, waiting }: Folding): number {
  const [first] = steps.slice(from, from + 1);
  const folds = (step: ShownStep) =>
    first !== undefined &&
    (isDone(first)
      ? done && isDone(step)
      : first.status === 'waiting' && waiting && step.status === 'waiting');
  let end = from + 1;
  while (end < steps.length && folds(steps[end] as ShownStep)) end += 1;
  return end;
}

function foldedRow(steps: readonly ShownStep[], { now }: Picture): Row {
  const cached = steps.filter(({ status }) => status === 'cached').length;
  const [{ status } = { status: 'waiting' as const }] = steps;
  const seconds = steps.reduce((sum, { began, ended }) => sum + ended - began, 0) / 1000;
  const style = status === 'waiting' ? 'waiting' : cached === steps.length ? 'cached' : 'done';
  const words = style === 'waiting' ? 'more steps' : 'steps';
  const note = style === 'done' && cached > 0 ? `, ${cached} cached` : '';
  return {
    ...{ indent: 1, mark: markOf(style, now), left: `${steps.length} ${words}${note}`, style },
    right: style === 'waiting' ? [] : [style === 'cached' ? 'cached' : secondsText(seconds)],
  };
}

function stepRow(step: ShownStep, { now }: Picture): Row {
  const { status, began, ended, bytes, Number: number, Instruction } = step;
  const [text = ''] = Instruction.split('\n', 1);
  const time = secondsText(((status === 'running' ? now : ended) - began) / 1000);
  const running = step.waitsFor === '' ? time : `waits for ${stageName(step.waitsFor)}`;
  const right = {
    ...{ waiting: [], running: [running], failed: [time], canceled: [], cached: ['cached'] },
    done: [...(bytes > 0 ? [humanSize(bytes, 3)] : []), time],
  }[status];
  const left = `${String(number).padStart(2)} ${printableLine(text).replace(/\s+/g, ' ')}`;
  return { indent: 1, mark: markOf(status, now), left, right, style: status };
}

function tailRows(step: ShownStep, { tail }: Folding): Row[] {
  if (step.status !== 'running' || tail === 0) return [];
  return shownTail(step, tail).map((line) => ({
    indent: 6,
    mark: '│',
    left: line,
    right: [],
    style: 'output',
  }));
}

const spinner = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const marks = { waiting: '·', done: '✓', cached: '✓', failed: '✗', canceled: '–' };

function markOf(status: StepStatus, now: number): string {
  if (status !== 'running') return marks[status];
  return spinner[Math.trunc(now / 100) % spinner.length] ?? '';
}
