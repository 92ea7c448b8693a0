import type { ProgressMessage } from '@davit/api';
import { type BuildProgress, type StepInfo, type StepProgress, shortId } from './progress.ts';

type Send = (message: ProgressMessage) => Promise<void>;

/** What may wait for its turn, in characters: beyond this, the output of a step is left out. */
const mostWaiting = 2 * 1024 * 1024;

/**
 * Tells a build as dockerd's classic builder does: one line after the other, a stage at a time. What stages that
 * run beside others have to say waits until those before them are through.
 */
export function createTranscript(send: Send, quiet: boolean): BuildProgress {
  const waiting = new Map<number, { messages: ProgressMessage[]; size: number; clipped: boolean }>();
  const closed = new Set<number>();
  let current = 0;
  let total = 0;
  /** The image that was told of last. */
  let last = '';

  /** What a quiet build does not tell unless it fails. */
  const untold: ProgressMessage[] = [];
  let untoldSize = 0;
  const tell = async (message: ProgressMessage): Promise<void> => {
    if (!quiet) return send(message);
    untoldSize += message.stream?.length ?? 100;
    if (untoldSize <= mostWaiting) untold.push(message);
  };

  const write = async (lane: number, message: ProgressMessage): Promise<void> => {
    if (lane === current) return tell(message);
    const queue = waiting.get(lane) ?? { messages: [], size: 0, clipped: false };
    waiting.set(lane, queue);
    queue.size += message.stream?.length ?? 100;
    if (queue.size <= mostWaiting) queue.messages.push(message);
    else if (!queue.clipped) {
      queue.clipped = true;
      queue.messages.push({ stream: '\n[the rest of the output is left out]\n' });
    }
  };
  const line = (lane: number, text: string) => write(lane, { stream: `${text}\n` });

  const step = (lane: number, info: StepInfo): StepProgress => ({
    start: () => line(lane, `Step ${info.index + 1}/${total} : ${info.text}`),
    wait: () => undefined,
    ready: () => undefined,
    say: (text) => line(lane, text),
    message: (message) => write(lane, message),
    output: (stream, text) => write(lane, { stream: stream === 2 ? `\x1b[91m${text}\x1b[0m` : text }),
    async end({ id, cached }) {
      if (cached) await line(lane, ' ---> Using cache');
      if (lane > 0) await line(lane, ` ---> ${shortId(id)}`);
    },
    fail: () => Promise.resolve(),
  });

  return {
    async begin(steps) {
      total = steps.length;
    },
    step,
    async closeLane(lane, id) {
      if (id !== '') await write(lane, { aux: { ID: id } });
      last = id;
      closed.add(lane);
      while (closed.has(current)) {
        current += 1;
        const { messages = [] } = waiting.get(current) ?? {};
        waiting.delete(current);
        for (const message of messages) await tell(message);
      }
    },
    async fail(failure) {
      for (const message of untold.splice(0)) await send(message);
      for (const { messages } of waiting.values()) for (const message of messages) await send(message);
      const { message, code } = failure;
      await send({ errorDetail: code === 0 ? { message } : { code, message }, error: message });
    },
    warn: (message) => line(current, message),
    findings: () => Promise.resolve(),
    async finish(id, names) {
      if (quiet) return send({ stream: `${id}\n` });
      // What is written into it at the end makes another image of it.
      if (id !== last) await send({ aux: { ID: id } });
      await send({ stream: `Successfully built ${shortId(id)}\n` });
      for (const name of names) await send({ stream: `Successfully tagged ${name}\n` });
    },
  };
}
