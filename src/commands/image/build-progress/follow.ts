import { type BuildFailure, type BuildReport, buildReportIn, type ProgressMessage } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { failureText } from './failure.ts';

/**
 * Passes on docker's messages of a build, and hands davit's own reports to `onReport`. Throws CommandError when the
 * build failed, with the exit code that docker's classic builder has: that of the command that failed, else 1.
 */
export async function* followBuild(
  messages: AsyncIterable<ProgressMessage>,
  onReport: (report: BuildReport) => void | Promise<void>,
): AsyncGenerator<ProgressMessage> {
  let failure: BuildFailure | null = null;
  for await (const message of messages) {
    const report = buildReportIn(message.aux);
    const error = message.errorDetail?.message ?? message.error;
    if (report?.Event === 'failure') failure = report;
    if (report) await onReport(report);
    else if (error === undefined) yield message;
    else throw new CommandError(failure ? failureText(failure) : error, message.errorDetail?.code || 1);
  }
}
