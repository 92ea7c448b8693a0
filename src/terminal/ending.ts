/** What of standard input has to be given up at the end. */
interface HeldInput {
  setRaw(raw: boolean): void;
  close(): void;
}

/** Milliseconds that whatever still holds the event loop has to come to its end. */
const grace = 100;

/**
 * Ends this process with an exit code. Not by process.exit(), which waits for V8's threads while one that compiles
 * may wait for a collection of garbage that only this thread can make: one command in many would hang for ever
 * (https://github.com/nodejs/node/issues/54918). At the end of an event loop that ran empty those threads are told.
 */
export function endProcess(code: number, input: HeldInput): void {
  process.exitCode = code;
  input.close();
  setTimeout(() => process.exit(code), grace).unref();
}

/** Ends this process as the kernel ends one that writes to a pipe nobody reads. */
export function endByBrokenPipe(input: HeldInput): void {
  input.setRaw(false);
  // Windows has no such signal.
  if (process.platform === 'win32') {
    endProcess(1, input);
    return;
  }
  // Node ignores the signal from its start; taking a listener away brings back what the kernel does by itself.
  process.once('SIGPIPE', () => undefined).removeAllListeners('SIGPIPE');
  process.kill(process.pid, 'SIGPIPE');
}
