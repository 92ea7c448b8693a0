import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type AnyCommand, type Flag, flagName } from '../src/commands/command.ts';
import { globalFlags } from '../src/commands/global.ts';
import { parseArguments } from '../src/commands/parser.ts';
import { runCommandLine } from '../src/dispatch.ts';
import { type CommandEntry, commands, findCommand, groups, otherNames } from '../src/program.ts';
import { createInput, createOutput } from '../src/terminal/streams.ts';

/** Switches that are there to be refused with a reason, one way or the other. */
const refused = ['disable-content-trust'];

interface Found {
  entry: CommandEntry;
  /** All names, the ones below nouns first. */
  names: string[];
  command: AnyCommand;
}

const entries = [...commands, ...groups.flatMap((group) => group.commands)].filter(({ hidden }) => !hidden);
const unique = [...new Map(entries.map((entry) => [entry.load, entry])).values()];
const all: Found[] = await Promise.all(
  unique.map(async (entry) => ({
    entry,
    names: otherNames(entry),
    command: (await entry.load()).default,
  })),
);
const nameOf = ({ names }: Found) => names.at(-1) ?? '';

/** The words of an example, as a shell splits them. */
function wordsOf(line: string): string[] {
  // What the shell itself would do stands for one word.
  const [first = ''] = line.replace(/\$\([^)]*\)/g, 'word').split(/ [|<>] | && | 2>/);
  return [...first.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

describe('every command', () => {
  it('has help with an example', () => {
    const missing = all.filter(({ command }) => !command.examples?.length).map(nameOf);
    expect(missing).toEqual([]);
  });

  it('has two where people use it daily, that is, by a word of its own', () => {
    const missing = all
      .filter(({ names, command }) => names.some((name) => !name.includes(' ')) && !command.examples?.[1])
      .map(nameOf);
    expect(missing).toEqual([]);
  });

  it('has examples that it can parse, and that are its own', () => {
    const problems = all.flatMap((one) =>
      (one.command.examples ?? []).flatMap(({ command: line }) => {
        const { args: words } = parseArguments(globalFlags, wordsOf(line), { stopAtFirstArgument: true });
        const found = findCommand(words);
        // It may stand within another: `start -a $(davit create busybox date)`.
        if (one.names.some((name) => line.includes(`$(davit ${name} `))) return [];
        if (found?.kind !== 'command' || found.entry.load !== one.entry.load)
          return [`${nameOf(one)}: ${line}`];
        const { flags, stopAtFirstArgument } = one.command;
        const { args } = parseArguments(flags, found.rest, { stopAtFirstArgument });
        const problem = one.command.arguments.problem(args.length);
        return problem === null ? [] : [`${line}: ${problem}`];
      }),
    );
    expect(problems).toEqual([]);
  });

  it.each(all.map((one) => [nameOf(one), one] as const))('%s parses its flags', (_name, { command }) => {
    const flags = Object.entries(command.flags);
    for (const [key, flag] of flags) {
      const name = flagName(key, flag);
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      if (flag.type !== 'bool' || refused.includes(name)) continue;
      const { options } = parseArguments(command.flags, [`--${name}`]) as {
        options: Record<string, unknown>;
      };
      expect(options[key]).toBe(true);
      const off = parseArguments(command.flags, [`--${name}=false`]) as { options: Record<string, unknown> };
      expect(off.options[key]).toBe(false);
    }
    for (const [key, flag] of flags.filter(([, { type }]) => type !== 'bool')) {
      const [name, { short }] = [flagName(key, flag), flag];
      expect(() => parseArguments(command.flags, [`--${name}`])).toThrow(`flag needs an argument: --${name}`);
      if (!short) continue;
      expect(() => parseArguments(command.flags, [`-${short}`])).toThrow('flag needs an argument: ');
    }
    const { least, most, problem } = command.arguments;
    const [isWrong, isRight] = [expect.any(String), null];
    expect([least, Math.min(most, 99)].map(problem)).toEqual([isRight, isRight]);
    if (least > 0) expect(problem(least - 1)).toEqual(isWrong);
    if (most < Number.POSITIVE_INFINITY) expect(problem(most + 1)).toEqual(isWrong);
    const letters = flags.flatMap(([, { short }]) => short ?? []);
    expect(new Set(letters).size).toBe(letters.length);
    const initial = Object.fromEntries(
      flags.map(([key, flag]: [string, Flag<unknown>]) => [key, flag.initial]),
    );
    expect(parseArguments(command.flags, []).options).toEqual(initial);
    expect(() => parseArguments(command.flags, ['--no-such-flag'])).toThrow('unknown flag: --no-such-flag');
    expect(parseArguments(command.flags, ['--help']).help).toBe(true);
  });

  it('is run by an end-to-end test', () => {
    const root = import.meta.dirname;
    const texts = globSync(['*.test.ts', 'support/*.ts', '{*-cases,differential}/**/*.ts'], { cwd: root })
      .filter((file) => !/^(commands|flags|surface|modules|floors)\.test\.ts$/.test(file))
      .map((file) => readFileSync(resolve(root, file), 'utf8'));
    const isRun = (name: string) => {
      const [first = '', second] = name.split(' ');
      const pattern = second
        ? `'${first}',\\s*'${second}'|\\b${first} ${second}\\b`
        : `(?:[([]|\\.\\.\\.)\\s*'${first}'|\\bdavit ${first}\\b`;
      if (texts.some((text) => new RegExp(pattern).test(text))) return true;
      // A file that is about a noun may have a function that puts it before every verb.
      return texts.some(
        (text) => text.includes(`'${first}', ...`) && second && text.includes(`('${second}'`),
      );
    };
    const missing = all.filter(({ names }) => !names.some(isRun)).map(nameOf);
    expect(missing).toEqual([]);
  });
});

async function completed(...line: string[]): Promise<string[]> {
  let text = '';
  const out = new PassThrough().setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await runCommandLine(['__complete', ...line], {
    program: 'davit',
    streams: {
      in: createInput(() => new PassThrough()),
      out: createOutput(out, {}),
      err: createOutput(new PassThrough(), {}),
    },
    environment: { HOME: '/nosuch', DOCKER_HOST: 'unix:///nosuch.sock' },
    interruption: () => new AbortController().signal,
  });
  return text.split('\n').map((one) => one.replace(/\t.*/, ''));
}

describe('completion offers', () => {
  it('every command and noun', async () => {
    const names = [...commands, ...groups]
      .filter((one) => !('hidden' in one && one.hidden))
      .map(({ name }) => name);
    expect(await completed('')).toEqual(expect.arrayContaining(names));
    for (const group of groups) {
      const verbs = group.commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
      expect(await completed(group.name, '')).toEqual(expect.arrayContaining(verbs));
    }
  });

  it('every flag of every command', async () => {
    for (const { names, command } of all) {
      const shown = Object.entries(command.flags).filter(([, flag]) => !flag.hidden && !flag.deprecated);
      const flags = shown.map(([key, flag]) => `--${flagName(key, flag)}`);
      expect(await completed(...(names[0] ?? '').split(' '), '--')).toEqual(expect.arrayContaining(flags));
    }
  });
});
