import { goTime, labelLines } from '../../format/swarm-words.ts';
import type { Kind } from '../secret/stored-file.ts';

/** What is special about configs: their data can be read. */
export const config = {
  name: 'config',
  text: ({ ID, Spec, CreatedAt, UpdatedAt }) =>
    [
      `ID:\t\t\t${ID}`,
      `Name:\t\t\t${Spec.Name}`,
      ...labelLines(Spec.Labels),
      `Created at:            \t${goTime(CreatedAt)}`,
      `Updated at:            \t${goTime(UpdatedAt)}`,
      'Data:',
      Buffer.from(Spec.Data ?? '', 'base64').toString(),
    ].join('\n'),
} satisfies Kind;
