import type { ProgressMessage } from '@davit/api';
import { CommandError } from '../exit.ts';
import type { Output } from '../terminal/streams.ts';
import { humanSize } from './units.ts';

interface ProgressOptions {
  /** Where it is shown; nowhere when left out. */
  output: Output | undefined;
  /** Gets what the engine says to programs and not to people. */
  onAux?: (aux: unknown) => void;
  /** Gets what the engine says to people, beside where it is shown. */
  onStream?: (text: string) => void;
}

/** A bar takes 55 columns: narrower terminals have the numbers alone. */
const leastWidthForBar = 111;

/** The bar and the numbers of a step under way; empty when nothing is known yet. */
export function describeProgress(
  { current = 0, total = 0, units, hidecounts = false }: ProgressDetail,
  width: number,
): string {
  if (current <= 0 && total <= 0) return '';
  const amount = (value: number) => (units ? String(value) : humanSize(value));
  if (total <= 0) return units ? `${current} ${units}` : amount(current).padStart(8);
  const done = Math.min(Math.trunc(Math.trunc((current / total) * 100) / 2), 50);
  const bar = width >= leastWidthForBar ? `[${'='.repeat(done)}>${' '.repeat(50 - done)}] ` : '';
  if (hidecounts) return bar;
  const numbers = current > total ? amount(current) : `${amount(current).padStart(8)}/${amount(total)}`;
  return bar + (units ? `${numbers.trimStart()} ${units}` : numbers.padStart(8));
}

type ProgressDetail = NonNullable<ProgressMessage['progressDetail']>;

/** Shows one message after the other. */
interface Display {
  show(message: ProgressMessage): Promise<void>;
}

function hasProgress(message: ProgressMessage): boolean {
  return message.progressDetail !== undefined && message.progressDetail !== null;
}

/** Whether there is something to measure, be it shown or not. */
function isUnderWay({ current = 0, total = 0 }: ProgressDetail): boolean {
  return current > 0 || total > 0;
}

function prefix({ id }: ProgressMessage): string {
  return id ? `${id}: ` : '';
}

/** For files and pipes: what happened, a line each, without the progress on the way there. */
function createPlainDisplay(output: Output): Display {
  return {
    async show(message) {
      if (hasProgress(message) && isUnderWay(message.progressDetail ?? {})) return;
      if (message.progress)
        await output.write(`${prefix(message)}${message.status ?? ''} ${message.progress}`);
      else if (message.stream) await output.write(prefix(message) + message.stream);
      else await output.write(`${prefix(message)}${message.status ?? ''}\n`);
    },
  };
}

/** For terminals: a line for each thing under way, which is written anew as it goes on. */
function createTerminalDisplay(output: Output): Display {
  /** Lines below one another, from the first to the one above the cursor. */
  let lines = new Map<string, number>();

  /** What fits on one line: a line that wraps would put all below it out of place. */
  const fitted = (text: string) => (text.length < output.width ? text : text.slice(0, output.width - 1));

  return {
    async show(message) {
      const { id = '', status = '', stream } = message;
      if (stream) {
        lines = new Map();
        await output.write(prefix(message) + stream);
        return;
      }
      const progress = hasProgress(message)
        ? describeProgress(message.progressDetail ?? {}, output.width)
        : (message.progress ?? '');
      const text = fitted(`${prefix(message)}${status}${progress === '' ? '' : ` ${progress}`}`);
      if (id === '' || !(hasProgress(message) || message.progress)) {
        lines = new Map();
        await output.write(`${text}\n`);
        return;
      }
      let before = '';
      if (!lines.has(id)) {
        lines.set(id, lines.size);
        before = '\n';
      }
      const up = lines.size - (lines.get(id) ?? 0);
      // A line that has left the screen at its top cannot be reached any more.
      if (up >= output.height) return void (await output.write(before));
      await output.write(`${before}\x1b[${up}A\x1b[2K\r${text}\r\x1b[${up}B`);
    },
  };
}

function displayOn(output: Output | undefined): Display {
  if (!output) return { show: async () => undefined };
  return output.isTerminal ? createTerminalDisplay(output) : createPlainDisplay(output);
}

/**
 * Shows a stream of messages of load, import, pull, push or build to its end. Throws CommandError with the
 * engine's words when one of them is an error.
 */
export async function showProgress(
  messages: AsyncIterable<ProgressMessage>,
  { output, onAux, onStream }: ProgressOptions,
): Promise<void> {
  const display = displayOn(output);
  for await (const message of messages) {
    const failure = message.errorDetail?.message ?? message.error;
    if (message.stream) onStream?.(message.stream);
    if (failure !== undefined) throw new CommandError(failure);
    if (message.aux !== undefined && message.aux !== null) onAux?.(message.aux);
    else await display.show(message);
  }
}
