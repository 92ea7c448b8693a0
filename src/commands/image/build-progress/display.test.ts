import { PassThrough } from 'node:stream';
import type { BuildFinding, BuildReport, ProgressMessage } from '@davit/api';
import { expect, test } from 'vitest';
import { createOutput } from '../../../terminal/streams.ts';
import { createDisplay, type Manner, readManner } from './display.ts';

function onTerminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 60, rows: 20 });
  return {
    output: createOutput(stream, { NO_COLOR: '1' }),
    written: () => (stream.read() as string | null) ?? '',
  };
}

async function* all(messages: ProgressMessage[]): AsyncGenerator<ProgressMessage> {
  yield* messages;
}

async function show(manner: Manner, messages: ProgressMessage[], isTTY = manner === 'tty') {
  const { output, written } = onTerminal(isTTY);
  const told: unknown[] = [];
  const display = await createDisplay(manner, output, {
    ...{ title: 'app', sendsContext: true, onStream: () => undefined },
    onAux: (aux) => void told.push(aux),
  });
  await display.sent(2048, true);
  let error: Error | null = null;
  try {
    await display.show(all(messages));
  } catch (thrown) {
    error = thrown as Error;
  }
  await display.breakOff(false);
  return { text: written(), told, error, display };
}

const report = (Build: BuildReport): ProgressMessage => ({ aux: { Build } });
const finding: BuildFinding = { Rule: 'R', Summary: 's', Message: 'm', Line: 1, EndLine: 1, Excerpt: '' };

test.each([
  ['auto', false, 'xterm', 'plain'],
  ['auto', true, 'xterm', 'tty'],
  ['auto', true, 'dumb', 'plain'],
  ['tty', true, 'dumb', 'plain'],
  ['plain', true, 'xterm', 'plain'],
  ['rawjson', true, 'xterm', 'rawjson'],
  ['quiet', true, 'xterm', 'quiet'],
])('--progress %s, on a terminal: %s, TERM=%s is %s', (progress, isTerminal, TERM, manner) => {
  expect(readManner({ quiet: false, progress }, { isTerminal }, { TERM })).toBe(manner);
  expect(readManner({ quiet: true, progress }, { isTerminal }, { TERM })).toBe('quiet');
});

test.each([
  ['auto', 'plain', true, 'plain'],
  ['auto', 'rawjson', true, 'rawjson'],
  ['auto', 'tty', false, 'plain'],
  ['auto', 'loud', true, 'tty'],
  ['tty', 'plain', true, 'tty'],
])(
  '--progress %s with BUILDKIT_PROGRESS=%s, on a terminal: %s, is %s',
  (progress, usual, isTerminal, manner) => {
    const environment = { TERM: 'xterm', BUILDKIT_PROGRESS: usual };
    expect(readManner({ quiet: false, progress }, { isTerminal }, environment)).toBe(manner);
  },
);

test('a picture needs a terminal, and manners are known', () => {
  const read = (progress: string) => () => readManner({ quiet: false, progress }, { isTerminal: false }, {});
  expect(read('tty')).toThrow('--progress tty needs a terminal');
  expect(read('loud')).toThrow('invalid progress "loud"');
});

test('a picture ends with the steps, the image and its names', async () => {
  const Steps = [{ Number: 1, Stage: '0', Instruction: 'FROM \x1b[2Jbusybox', Line: 1 }];
  const { text, told, display } = await show('tty', [
    report({ Event: 'plan', Steps }),
    report({ Event: 'findings', Findings: [finding] }),
    report({ Event: 'start', Step: 1 }),
    report({ Event: 'end', Step: 1, Cached: true, Bytes: 0 }),
    report({ Event: 'warning', Text: '[Warning] some\x1b[2Jthing' }),
    report({ Event: 'image', ID: 'sha256:1', Names: ['app:latest'] }),
    { aux: { ID: 'sha256:1' } },
  ]);
  expect(text).toMatch(/^\rBuilt app · 1 step, 1 cached +[\d.]+s/);
  expect(text).toContain(' ✓  1 FROM busybox ');
  expect(text).toMatch(/\[Warning\] something\nImage sha256:1\nNamed app:latest\n$/);
  expect(told).toEqual([{ ID: 'sha256:1' }]);
  expect(display.findings()).toEqual([finding]);
});

test('an engine that tells of builds as docker does is quoted', async () => {
  const { text, told } = await show('tty', [
    { stream: 'Step 1/1 : FROM busybox\n' },
    { aux: { ID: 'sha256:1' } },
  ]);
  expect(text).toBe('Sending build context to Docker daemon  2.048kB\nStep 1/1 : FROM busybox\n');
  expect(told).toEqual([{ ID: 'sha256:1' }]);
});

test('a picture of what failed is ended before the error is told', async () => {
  const { text, error } = await show('tty', [{ errorDetail: { code: 3, message: 'it failed' } }]);
  expect(error).toMatchObject({ message: 'it failed', exitCode: 3 });
  expect(text).toMatch(/^\rFailed to build app +[\d.]+s/);
});

test.each(['plain', 'tty'] as const)(
  'what docker tells moves no cursor of a terminal: %s',
  async (manner) => {
    const messages = ['Step 1/1 : RUN \x1b[2Jecho\n', ' ---> Running\r', '\x1b[31mred\x07\x1b[0m\n'];
    const streams = messages.map((stream) => ({ stream }));
    const shown = await show(manner, streams, true);
    expect(shown.text).toMatch(/Step 1\/1 : RUN echo\n ---> Running\nred\n$/);
    expect((await show('plain', streams, false)).text.endsWith(messages.join(''))).toBe(true);
  },
);

test('lines are told as docker does, or not, or as they came', async () => {
  const messages = [
    { stream: 'Step 1/1 : FROM busybox\n' },
    report({ Event: 'findings', Findings: [finding] }),
  ];
  const plain = await show('plain', messages);
  expect(plain.text).toBe('Sending build context to Docker daemon  2.048kB\r\r\nStep 1/1 : FROM busybox\n');
  expect(plain.display.findings()).toEqual([finding]);
  expect(await show('quiet', messages)).toMatchObject({ text: '' });
  expect((await show('rawjson', messages)).text).toBe(
    messages.map((one) => `${JSON.stringify(one)}\n`).join(''),
  );
});
