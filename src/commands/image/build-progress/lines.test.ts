import type { BuildReport } from '@davit/api';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { progressLines } from './lines.ts';
import { applyReport, type BuildState, createBuildState, endBuild } from './state.ts';

const picture = { width: 61, height: 24, now: 4200, color: false };

/** A build of two stages in the middle: one step is done, one was known, two go on. */
function underWay(): BuildState {
  const state = createBuildState('app:1', 0, true);
  const report = (one: BuildReport, at: number) => applyReport(state, one, at);
  const steps = [
    ['compile', 'FROM debian AS compile'],
    ['compile', 'RUN make \\\n  all'],
    ['compile', 'RUN make install'],
    ['1', 'FROM scratch'],
    ['1', 'COPY --from=compile /a /b'],
  ];
  state.context = { bytes: 2_050_000, ended: 100 };
  report(
    {
      Event: 'plan',
      Steps: steps.map(([Stage = '', Instruction = ''], at) => ({
        Number: at + 1,
        Stage,
        Instruction,
        Line: at + 1,
      })),
    },
    100,
  );
  report({ Event: 'start', Step: 1 }, 200);
  report({ Event: 'end', Step: 1, Cached: true, Bytes: 0 }, 300);
  report({ Event: 'start', Step: 4 }, 200);
  report({ Event: 'end', Step: 4, Cached: false, Bytes: 12_340_000 }, 1450);
  report({ Event: 'start', Step: 2 }, 1200);
  for (const Text of ['cc a.c\ncc ', 'b.c\n', '\x1b[31m日本語\x1b[0m\n', '1%\r2%'])
    report({ Event: 'output', Step: 2, Stream: 1, Text }, 2000);
  return state;
}

test('what goes on is shown with the end of its output', () => {
  expect(progressLines(underWay(), picture)).toEqual([
    'Building app:1 · 2 of 5 steps, 1 cached                4.20s',
    ' ✓ send the build context                      2.05MB  0.10s',
    ' compile',
    ' ✓  1 FROM debian AS compile                          cached',
    ' ⠹  2 RUN make \\                                       3.00s',
    '      │ cc a.c',
    '      │ cc b.c',
    '      │ 日本語',
    '      │ 2%',
    ' ·  3 RUN make install',
    ' stage 1',
    ' ✓  4 FROM scratch                             12.3MB  1.25s',
    ' ·  5 COPY --from=compile /a /b',
  ]);
});

test('what is done is folded away at the end', () => {
  const state = underWay();
  endBuild(state, 'canceled', 5000);
  const lines = progressLines(state, picture);
  expect(lines[0]).toMatch(/^Broken off: app:1 · 2 of 5 steps, 1 cached +5\.00s$/);
  expect(lines.join('\n')).not.toContain('│');
  expect(lines).toContain(' –  2 RUN make \\');
});

test('a step that failed is marked, and so is a context that did not arrive', () => {
  const state = underWay();
  const failure = { Message: 'm', Excerpt: '', Output: [], Stage: '', Instruction: '', Line: 2 };
  applyReport(state, { Event: 'failure', Number: 2, ...failure }, 3000);
  endBuild(state, 'failed', 3100);
  expect(progressLines(state, picture)[4]).toBe(
    ' ✗  2 RUN make \\                                       1.80s',
  );
  const early = createBuildState('x', 0, true);
  endBuild(early, 'failed', 50);
  expect(progressLines(early, picture)).toEqual([
    expect.stringMatching(/^Failed to build x +0\.05s$/),
    expect.stringMatching(/^ – send the build context +0B {2}0\.05s$/),
  ]);
});

test('a step says which stage it waits for', () => {
  const state = underWay();
  applyReport(state, { Event: 'start', Step: 5 }, 1500);
  applyReport(state, { Event: 'wait', Step: 5, Stage: 'compile' }, 1500);
  expect(progressLines(state, picture).at(-1)).toMatch(
    /^ ⠹ {2}5 COPY --from=compile \/a \/b +waits for compile$/,
  );
  applyReport(state, { Event: 'ready', Step: 5 }, 4000);
  expect(progressLines(state, picture).at(-1)).toMatch(/^ ⠹ {2}5 COPY --from=compile \/a \/b +0\.20s$/);
});

test('a pull is told in one line', () => {
  const state = underWay();
  const layer = (id: string, status: string, current = 0) =>
    applyReport(
      state,
      { Event: 'download', Step: 2, Message: { id, status, progressDetail: { current, total: 2e6 } } },
      0,
    );
  layer('0123456789ab', 'Pull complete');
  layer('ba9876543210', 'Downloading', 1.5e6);
  applyReport(state, { Event: 'download', Step: 2, Message: { status: 'Pulling from library/debian' } }, 0);
  expect(progressLines(state, picture).join('\n')).toContain('│ 1 of 2 layers pulled, 1.5MB of 2MB');
});

test('it fits every terminal', () => {
  const state = underWay();
  const more = Array.from({ length: 60 }, (_none, at) => ({
    ...{ Number: at + 6, Stage: `s${at % 20}`, Instruction: `RUN 東京 ${'x'.repeat(at * 3)}`, Line: at },
  }));
  state.steps.push(...createSteps(more));
  for (const at of [6, 8, 11, 30]) applyReport(state, { Event: 'start', Step: at }, 3000);
  applyReport(
    state,
    { Event: 'output', Step: 8, Stream: 2, Text: `🎉${'日'.repeat(300)}\n`.repeat(20) },
    3000,
  );
  for (const color of [false, true])
    for (let width = 1; width < 130; width += 3)
      for (const height of [2, 3, 6, 10, 24, 70]) {
        const lines = progressLines(state, { width, height, color, now: 4200 });
        expect(lines.length).toBeLessThan(height);
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThan(width);
      }
  const low = progressLines(state, { ...picture, height: 8 });
  expect(low[0]).toContain('Building app:1');
  expect(low.slice(1).every((line) => /^ ⠹/.test(line))).toBe(true);
});

function createSteps(Steps: Extract<BuildReport, { Event: 'plan' }>['Steps']) {
  const state = createBuildState('', 0, false);
  applyReport(state, { Event: 'plan', Steps }, 0);
  return state.steps;
}

test('colours are there only where they may be', () => {
  const begin = '\x1b[';
  expect(progressLines(underWay(), picture).join('')).not.toContain(begin);
  expect(progressLines(underWay(), { ...picture, color: true }).join('')).toContain(begin);
});
