import { readFileSync } from 'node:fs';
import type { StoredFileSpec } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { describeOpen } from '../../container/options/environment.ts';
import { withoutEmpty } from '../../service/spec/empty.ts';
import type { WantedFile } from '../../service/spec/files.ts';
import type { ComposeFileReference, ComposeStored } from '../compose/types.ts';
import { labelled, type Stack, scoped } from './stack.ts';

function dataOf({ driver, driver_opts: Options, file = '' }: ComposeStored): Partial<StoredFileSpec> {
  if (driver) return { Driver: withoutEmpty({ Name: driver, Options }) };
  try {
    return { Data: readFileSync(file, 'base64') };
  } catch (error) {
    throw new CommandError(describeOpen(file, error), 1, { cause: error });
  }
}

/** The secrets or configs that a stack keeps in the Swarm. Throws CommandError when a file cannot be read. */
export function storedFiles(stack: Stack, all: Record<string, ComposeStored> = {}): StoredFileSpec[] {
  return Object.entries(all).flatMap(([key, one]) => {
    if (one.external) return [];
    const template = one.template_driver;
    return [
      {
        Name: one.name || scoped(stack, key),
        Labels: labelled(stack, one.labels),
        ...dataOf(one),
        ...(template ? { Templating: { Name: template } } : {}),
      },
    ];
  });
}

/** The secrets or configs that a service is to see. Throws CommandError for one that the file does not have. */
export function wantedFiles(
  kind: 'secret' | 'config',
  stack: Stack,
  references: readonly ComposeFileReference[] = [],
): WantedFile[] {
  const all = (kind === 'secret' ? stack.file.secrets : stack.file.configs) ?? {};
  return references.map(({ source, target, uid = '0', gid = '0', mode = 0o444 }) => {
    const one = all[source];
    if (!one) throw new CommandError(`undefined ${kind} ${JSON.stringify(source)}`);
    const name = one.name || scoped(stack, source);
    return { name, file: { Name: target || source, UID: uid || '0', GID: gid || '0', Mode: mode } };
  });
}
