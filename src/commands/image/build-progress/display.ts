import type { BuildFinding, BuildReport, ProgressMessage } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { printableText } from '../../../format/printable.ts';
import { showProgress } from '../../../format/progress.ts';
import type { Output } from '../../../terminal/streams.ts';
import { tellWhatIsSent } from '../build-context/sent.ts';
import { followBuild } from './follow.ts';

/** How a build is told of: as docker's messages, by the image's ID alone, message for message, or as a live picture. */
export type Manner = 'plain' | 'quiet' | 'rawjson' | 'tty';

/** Shows one build. */
export interface BuildDisplay {
  /** What the engine is asked to tell besides docker's messages. */
  readonly wanted: '' | 'failure' | 'steps';
  /** So many bytes of the context have gone, or all of it. */
  sent(bytes: number, isAll: boolean): void | Promise<void>;
  /** What the build checks have found, as far as the build is shown at all. */
  findings(): readonly BuildFinding[];
  /** Shows what the engine tells to its end. Throws CommandError when the build failed. */
  show(messages: AsyncIterable<ProgressMessage>): Promise<void>;
  /** Ends a build that was broken off or could not begin. */
  breakOff(isInterrupted: boolean): Promise<void>;
}

const ways = ['auto', 'plain', 'tty', 'quiet', 'rawjson'];

/**
 * What the flags `--progress` and `--quiet` mean on an output. `BUILDKIT_PROGRESS` says what is usual, as far as the
 * output can do it. Throws CommandError.
 */
export function readManner(
  { quiet, progress }: { quiet: boolean; progress: string },
  { isTerminal }: Pick<Output, 'isTerminal'>,
  { TERM, BUILDKIT_PROGRESS = '' }: Readonly<Record<string, string | undefined>>,
): Manner {
  if (!ways.includes(progress))
    throw new CommandError(
      `invalid progress ${JSON.stringify(progress)}: use auto, plain, tty, quiet or rawjson`,
    );
  if (progress === 'tty' && !isTerminal)
    throw new CommandError('--progress tty needs a terminal: use plain for a file or a pipe');
  const usual = ways.includes(BUILDKIT_PROGRESS) ? BUILDKIT_PROGRESS : 'auto';
  const way = progress === 'auto' ? usual : progress;
  if (quiet || way === 'quiet') return 'quiet';
  if (way === 'rawjson') return 'rawjson';
  // A dumb terminal cannot move its cursor.
  return isTerminal && TERM !== 'dumb' && way !== 'plain' ? 'tty' : 'plain';
}

interface DisplayOptions {
  /** What is built, in a few words. */
  title: string;
  /** Whether the context is sent, and not fetched by the engine. */
  sendsContext: boolean;
  /** Gets what the engine says to programs. */
  onAux(aux: unknown): void;
  /** Gets what the engine says to people. */
  onStream(text: string): void;
}

/** Makes what shows a build on an output. */
export async function createDisplay(
  manner: Manner,
  output: Output,
  options: DisplayOptions,
): Promise<BuildDisplay> {
  if (manner === 'tty') return createLiveDisplay(output, options);
  const isPlain = manner === 'plain';
  const found: BuildFinding[] = [];
  return {
    wanted: manner === 'rawjson' ? '' : 'failure',
    findings: () => found,
    sent: (bytes, isAll) => (isPlain && isAll ? tellWhatIsSent(output, bytes) : undefined),
    show: (messages) =>
      showProgress(
        printableOn(
          output,
          followBuild(manner === 'rawjson' ? linesOf(messages, output) : messages, (report) => {
            if (isPlain && report.Event === 'findings') found.push(...report.Findings);
          }),
        ),
        { ...options, output: isPlain ? output : undefined },
      ),
    breakOff: () => Promise.resolve(),
  };
}

async function createLiveDisplay(output: Output, options: DisplayOptions): Promise<BuildDisplay> {
  const { createBuildView } = await import('./view.ts');
  const view = createBuildView(output, options);
  let bytesSent = 0;
  const found: BuildFinding[] = [];
  /** Other engines tell of builds in docker's messages alone. */
  const others = async function* (messages: AsyncIterable<ProgressMessage>): AsyncGenerator<ProgressMessage> {
    for await (const message of messages) {
      if (message.aux === undefined && (await view.giveWay())) await tellWhatIsSent(output, bytesSent);
      yield message;
    }
  };
  return {
    wanted: 'steps',
    findings: () => found,
    sent(bytes) {
      bytesSent = bytes;
      view.sent(bytes);
    },
    async show(messages) {
      try {
        const onReport = (report: BuildReport) =>
          report.Event === 'findings' ? void found.push(...report.Findings) : view.report(report);
        await showProgress(printableOn(output, others(followBuild(messages, onReport))), {
          ...options,
          output,
        });
        await view.end('done');
      } catch (error) {
        if (error instanceof CommandError) await view.end('failed');
        throw error;
      }
    },
    breakOff: (isInterrupted) => view.end(isInterrupted ? 'canceled' : 'failed'),
  };
}

/**
 * What comes, for a terminal without what would move its cursor or colour what follows: a line that is written over
 * in one message after the other is a line each. Files and pipes get all as it is.
 */
async function* printableOn(
  { isTerminal }: Output,
  messages: AsyncIterable<ProgressMessage>,
): AsyncGenerator<ProgressMessage> {
  for await (const message of messages) {
    const { stream } = message;
    yield isTerminal && stream
      ? { ...message, stream: printableText(stream.replace(/\r+$/, '\n')) }
      : message;
  }
}

/** Prints what comes, a line of JSON each, and hands it on. */
async function* linesOf(
  messages: AsyncIterable<ProgressMessage>,
  output: Output,
): AsyncGenerator<ProgressMessage> {
  for await (const message of messages) {
    await output.line(JSON.stringify(message));
    yield message;
  }
}
