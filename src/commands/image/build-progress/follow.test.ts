import type { BuildReport, ProgressMessage } from '@davit/api';
import { expect, test } from 'vitest';
import type { CommandError } from '../../../exit.ts';
import { followBuild } from './follow.ts';

async function follow(messages: ProgressMessage[]) {
  const reports: BuildReport[] = [];
  const passed: ProgressMessage[] = [];
  async function* source() {
    yield* messages;
  }
  let error: CommandError | null = null;
  try {
    for await (const message of followBuild(source(), (report) => void reports.push(report)))
      passed.push(message);
  } catch (thrown) {
    error = thrown as CommandError;
  }
  return { reports, passed, error };
}

const failure: BuildReport = {
  ...{ Event: 'failure', Number: 2, Stage: 'compile', Instruction: 'RUN make', Line: 3 },
  Message: "The command 'make' returned a non-zero code: 2",
  Excerpt: 'Dockerfile:3:1\n2 |     FROM busybox\n3 | >>> RUN make',
  Output: ['cc main.c', '\x1b[91mmain.c:1: error\x1b[0m'],
};

test('reports are handed on, and messages passed on', async () => {
  const warning: BuildReport = { Event: 'warning', Text: 'w' };
  const { reports, passed } = await follow([
    { stream: 'a' },
    { aux: { Build: warning } },
    { aux: { ID: 'i' } },
  ]);
  expect(reports).toEqual([warning]);
  expect(passed).toEqual([{ stream: 'a' }, { aux: { ID: 'i' } }]);
});

test('a failure is told with its lines and the end of the output, and exits as the command did', async () => {
  const { error } = await follow([{ aux: { Build: failure } }, { errorDetail: { code: 2, message: 'm' } }]);
  expect(error?.exitCode).toBe(2);
  expect(error?.message).toBe(
    'Step 2 of stage compile failed: RUN make\n\nDockerfile:3:1\n2 |     FROM busybox\n3 | >>> RUN make\n\n' +
      "The end of its output:\n    cc main.c\n    main.c:1: error\n\nThe command 'make' returned a non-zero code: 2",
  );
});

test('an engine that tells no more is quoted, and the exit code is 1 without one', async () => {
  const { error } = await follow([{ error: 'no space left', errorDetail: { message: 'no space left' } }]);
  expect(error).toMatchObject({ exitCode: 1, message: 'no space left' });
});

test('a message that has the lines already is not told twice', async () => {
  const Message = `COPY failed\n${failure.Excerpt}`;
  const { error } = await follow([
    { aux: { Build: { ...failure, Output: [], Message } } },
    { error: Message },
  ]);
  expect(error?.message).toBe(`Step 2 of stage compile failed: RUN make\n\n${Message}`);
});
