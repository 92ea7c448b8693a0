import type { BuildFailure } from '@davit/api';
import { printableLine } from '../../../format/printable.ts';

/** An instruction is told up to this many characters: a here-document can be long. */
const longestInstruction = 400;

/**
 * What is told of a build that failed: the step, its lines in the Dockerfile, the end of what it printed, and as the
 * last line what the engine said of it.
 */
export function failureText(failure: BuildFailure): string {
  const { Stage, Instruction, Message, Excerpt, Output } = failure;
  const [instruction = ''] = Instruction.split('\n', 1);
  const cut =
    instruction.length > longestInstruction ? `${instruction.slice(0, longestInstruction)}…` : instruction;
  const [place = ''] = Excerpt.split('\n', 1);
  return [
    `Step ${failure.Number}${Stage === '' ? '' : ` of stage ${Stage}`} failed: ${printableLine(cut)}`,
    // Some messages have the lines already.
    ...(Message.includes(place) ? [] : ['', ...Excerpt.split('\n').map(printableLine)]),
    ...(Output.length === 0
      ? []
      : ['', 'The end of its output:', ...Output.map((line) => `    ${printableLine(line)}`)]),
    '',
    Message,
  ].join('\n');
}
