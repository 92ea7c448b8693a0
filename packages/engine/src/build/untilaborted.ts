/**
 * What a source brings, until a signal is aborted: then it throws the signal's reason at once, also when the source
 * is a client that has sent nothing for long. What it was asked for last is not waited for then.
 */
export async function* untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  let isAsked = false;
  let isOver = false;
  let leave = (_reason: unknown): void => undefined;
  const stop = () => leave(signal.reason);
  signal.addEventListener('abort', stop);
  const next = () =>
    new Promise<IteratorResult<Item>>((resolve, reject) => {
      leave = reject;
      iterator.next().then(resolve, reject);
    });
  try {
    for (;;) {
      signal.throwIfAborted();
      isAsked = true;
      const { done, value } = await next();
      isAsked = false;
      isOver = done === true;
      if (isOver) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isAsked && !isOver) await iterator.return?.();
    // Its turn comes after what was asked for, if that ever comes; one that has failed does nothing more.
    else if (isAsked) iterator.return?.().catch(() => undefined);
  }
}
