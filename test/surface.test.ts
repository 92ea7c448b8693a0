import { describe, expect, it } from 'vitest';
import { flagName } from '../src/commands/flag.ts';
import { leftOut } from '../src/commands/left-out.ts';
import { findCommand } from '../src/program.ts';
import surface from './support/surface.json' with { type: 'json' };

/** Commands that work is going on for; the list only gets shorter. */
const underConstruction: RegExp[] = [];

/** Flags that are not there, by command and name, and why. */
const flagsLeftOut: Record<string, string> = Object.fromEntries(
  ['start', 'container start'].flatMap((name) =>
    ['checkpoint', 'checkpoint-dir'].map((flag) => [`${name} --${flag}`, 'as the checkpoint commands']),
  ),
);

const isExcused = (name: string) =>
  underConstruction.some((pattern) => pattern.test(name)) || leftOut.has(name.split(' ')[0] ?? '');

interface Flag {
  name: string;
  type: string;
  short: string | undefined;
}

function readFlag(text: string): Flag {
  const [name = '', type = '', short] = text.split(' ');
  return { name, type, short: short?.slice(1) };
}

const found = surface.flatMap(({ names, flags }) =>
  names.map((name) => ({ name, flags: flags.map(readFlag), found: findCommand(name.split(' ')) })),
);

describe('every command of docker is here', () => {
  it('but for those with a reason', () => {
    const missing = found.filter((one) => one.found?.kind !== 'command' && !isExcused(one.name));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

it('every flag and shorthand of docker is here', async () => {
  const problems = await Promise.all(
    found.map(async ({ name, flags, found: command }) => {
      if (command?.kind !== 'command') return [];
      const { default: definition } = await command.entry.load();
      const ours = new Map(Object.entries(definition.flags).map(([key, one]) => [flagName(key, one), one]));
      return flags.flatMap((flag) => {
        const told = `${name} --${flag.name}`;
        if (told in flagsLeftOut) return [];
        const one = ours.get(flag.name);
        if (!one) return [`${told} is missing`];
        if (flag.short && one.short !== flag.short) return [`${told} lacks -${flag.short}`];
        const takesValue = one.type !== 'bool';
        return takesValue === (flag.type === 'bool') ? [`${told} is no ${flag.type}`] : [];
      });
    }),
  );
  expect(problems.flat()).toEqual([]);
});
