import { goTime, labelLines } from '../../format/swarm-words.ts';
import type { Kind } from './stored-file.ts';

/** What is special about secrets. */
export const secret = {
  name: 'secret',
  text: ({ ID, Spec, CreatedAt, UpdatedAt }) =>
    [
      `ID:              ${ID}`,
      `Name:              ${Spec.Name}`,
      ...labelLines(Spec.Labels),
      `Driver:            ${Spec.Driver?.Name ?? ''}`,
      `Created at:        ${goTime(CreatedAt)}`,
      `Updated at:        ${goTime(UpdatedAt)}`,
    ].join('\n'),
} satisfies Kind;
