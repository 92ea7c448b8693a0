import type { BuildInspect } from '@davit/api';
import { expect, test } from 'vitest';
import { buildText } from './build-text.ts';
import { timelinePage } from './timeline.ts';

const build: BuildInspect = {
  ...{ ID: '1f6f0c', Names: ['app:<1>'], Target: '', Dockerfile: 'Dockerfile', Status: 'failed' },
  ...{
    Error: 'a & b',
    Image: '',
    StartedAt: '2026-11-28T07:00:00.000Z',
    Seconds: 4,
    Steps: 3,
    CachedSteps: 1,
  },
  BuildSteps: [
    {
      ...{ Number: 1, Stage: 'one', Instruction: 'FROM busybox AS one', Line: 1 },
      ...{ Status: 'cached', StartedAfter: 0, Seconds: 1, Bytes: 0 },
    },
    {
      ...{ Number: 2, Stage: 'one', Instruction: 'RUN echo "</div><script>x"', Line: 2 },
      ...{ Status: 'failed', StartedAfter: 1, Seconds: 3, Bytes: 2000 },
    },
    {
      ...{ Number: 3, Stage: 'two', Instruction: 'RUN true', Line: 4 },
      ...{ Status: 'waiting', StartedAfter: 0, Seconds: 0, Bytes: 0 },
    },
  ],
};

test('the picture of a build has a bar for each step that ran, and needs nothing from elsewhere', () => {
  const page = timelinePage(build);
  expect(page.match(/class="bar [^"]*" style="[^"]*"/g)).toEqual([
    'class="bar cached" style="left:0.000%;width:25.000%"',
    'class="bar failed" style="left:25.000%;width:75.000%"',
  ]);
  expect(page).toContain('<title>Build of app:&lt;1&gt;</title>');
  expect(page).toContain('RUN echo &quot;&lt;/div&gt;&lt;script&gt;x&quot;');
  expect(page).not.toMatch(/<script|<link|<img|src=|https?:/);
});

test('the text of a build has its steps in a table', async () => {
  const lines = (await buildText(build, { isTerminal: false })).split('\n').map((line) => line.trimEnd());
  expect(lines).toEqual([
    'Build:    1f6f0c',
    'Name:     app:<1>',
    'Status:   failed',
    'Started:  2026-11-28T07:00:00.000Z',
    'Duration: 4.00s',
    'Steps:    3, 1 of them cached',
    'Error:    a & b',
    '',
    'STEP      STAGE     STATUS    STARTED   DURATION   SIZE      INSTRUCTION',
    '1         one       cached    +0.00s    1.00s      0B        FROM busybox AS one',
    '2         one       failed    +1.00s    3.00s      2kB       RUN echo "</div><script>x"',
    '3         two       waiting                        0B        RUN true',
    '',
  ]);
});
