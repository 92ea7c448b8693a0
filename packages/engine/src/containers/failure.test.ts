import { expect, test } from 'vitest';
import { EngineError } from '../errors.ts';
import { explainStartFailure } from './failure.ts';

test.each([
  ['exec: "x": executable file not found in $PATH: unknown', 127],
  ['exec: "/x": stat /x: no such file or directory: unknown', 127],
  ['exec: "/etc/passwd": permission denied: unknown', 126],
  ['exec: "/etc": is a directory: unknown', 126],
  ['mounting "/a" to rootfs: not a directory', 127],
  ['something else', 128],
])('%s has the exit code %d', (message, exitCode) => {
  const failure = explainStartFailure(new EngineError('internal', message));
  expect(failure.exitCode).toBe(exitCode);
  expect(failure.error.message).toContain(message);
  expect(failure.error.kind).toBe(exitCode === 128 ? 'internal' : 'badParameter');
});
