import { CommandError } from '../../../exit.ts';
import type { ComposeFile, Pairs } from '../compose/types.ts';

/** The label of all that belongs to a stack. */
export const stackLabel = 'com.docker.stack.namespace';
/** The label that keeps the image as the compose file names it. */
export const imageLabel = 'com.docker.stack.image';

/** A stack: its name, and what its compose files come to. */
export interface Stack {
  name: string;
  file: ComposeFile;
}

/** Checks the name of a stack. Throws CommandError. */
export function checkStackName(name: string): string {
  if (/^['"\s]*$/.test(name)) throw new CommandError(`invalid stack name: ${JSON.stringify(name)}`);
  return name;
}

/** The name of something that a stack has for itself. */
export const scoped = ({ name }: Stack, own: string) => `${name}_${own}`;

/** Labels with that of the stack. */
export const labelled = ({ name }: Stack, labels: Pairs | undefined): Pairs => ({
  ...labels,
  [stackLabel]: name,
});

/** Filters for what belongs to a stack, besides others. */
export const ofStack = (name: string, filters: Record<string, string[]> = {}) => ({
  ...filters,
  label: [...(filters.label ?? []), `${stackLabel}=${name}`],
});
