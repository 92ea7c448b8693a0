import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import surface from './support/surface.json' with { type: 'json' };

/** Flags of containers whose effect no test can observe, and why. */
const unobserved: Record<string, string> = {
  'start --checkpoint': 'is left out, as test/surface.test.ts says',
  'start --checkpoint-dir': 'is left out, as test/surface.test.ts says',
};

/** Where the flags of a command are observed, when that is not in its part of flags-commands.test.ts. */
const heldIn: Record<string, string[]> = {
  logs: ['log*.test.ts'],
  rm: ['flags-commands.test.ts', 'link.test.ts'],
  update: ['flags-limits.test.ts', 'update.test.ts', 'flags-commands.test.ts'],
};

function read(names: string[]): string {
  const files = names.flatMap((name) => globSync(resolve(import.meta.dirname, name)));
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

/** The part of flags-commands.test.ts that is about one command. */
function partOf(command: string): string {
  const parts = read(['flags-commands.test.ts']).split(/^describe(?:\.concurrent)?\(/m);
  return parts.find((part) => part.startsWith(`'${command}'`)) ?? '';
}

function testsOf(command: string): string {
  if (command === 'run' || command === 'create')
    return read(['flags-{limits,security,files,network,process}.test.ts', 'link.test.ts']);
  return heldIn[command] ? read(heldIn[command]) : partOf(command);
}

/** Commands of docker that are about containers, by the last word of their name. */
const commands = surface.filter(({ names }) => names.some((name) => name.startsWith('container ')));

it.each(
  commands.map(({ names, flags }) => {
    const [name = ''] = names.toSorted((first, second) => first.length - second.length);
    return { command: name.replace('container ', ''), flags };
  }),
)('every flag of $command has a test that observes what it does', ({ command, flags }) => {
  const text = testsOf(command);
  const missing = flags
    .map((flag) => flag.split(' ') as [name: string, type: string, short?: string])
    .filter(([name, , short]) => {
      const forms = [`--${name}`, ...(short ? [short] : [])];
      return !forms.some((form) => new RegExp(`['" ]${form}(?![\\w-])`).test(text));
    })
    .map(([name]) => `${command} --${name}`);
  expect(missing.filter((flag) => !(flag in unobserved))).toEqual([]);
});
