import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from './support/client.ts';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';
import { openTerminal } from './support/terminal.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine();
const directory = mkdtempSync(`${tmpdir()}/davit-test-completion-`);
const env = {
  PATH: `${directory}/bin:${process.env.PATH}`,
  HOME: directory,
  TERM: 'xterm',
  DOCKER_HOST: engine.host,
};

beforeAll(async () => {
  mkdirSync(`${directory}/bin`);
  mkdirSync(`${directory}/folder`);
  symlinkSync(`${root}/bin/davit`, `${directory}/bin/davit`);
  await davit.ok('run', '-d', '--name', 'web-one', 'busybox', 'sleep', '600');
  await davit.ok('run', '-d', '--name', 'web-two', 'busybox', 'sleep', '600');
  await davit.ok('create', '--name', 'stopped', 'busybox');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The words that are offered after a line, by the shells' own ways to ask. */
const shells: Record<string, (line: string) => Promise<string[]>> = {
  async bash(line) {
    const script = [
      'source <(davit completion bash)',
      'compopt() { :; }',
      `COMP_LINE=${quoted(line)}; COMP_POINT=\${#COMP_LINE}`,
      `_davit davit ${quoted(line.split(/[ =]/).at(-1) ?? '')}`,
      `printf "%s\\n" "\${COMPREPLY[@]}"`,
    ];
    return linesOf(await run('bash', ['--norc', '-c', script.join('\n')], { env, cwd: directory }));
  },
  async fish(line) {
    const script = `davit completion fish | source; complete -C ${quoted(line)}`;
    return linesOf(await run('fish', ['--no-config', '-c', script], { env, cwd: directory }));
  },
};

const quoted = (text: string) => `'${text}'`;
function linesOf({ stdout, stderr }: { stdout: string; stderr: string }): string[] {
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((text) => text.replace(/\t.*/, ''));
}

describe.each(Object.entries(shells))('completion in %s', (shell, complete) => {
  it.each([
    ['davit exe', ['exec']],
    ['davit container sta', ['start']],
    ['davit help temp', ['templates']],
    ['davit stop ', ['web-one', 'web-two']],
    ['davit stop web-one w', ['web-two']],
    ['davit start ', ['stopped']],
    ['davit rm ', ['stopped']],
    ['davit rm -f w', ['web-one', 'web-two']],
    ['davit logs s', ['stopped']],
    ['davit rmi busy', ['busybox', 'busybox:latest']],
    ['davit run --rm bus', ['busybox', 'busybox:latest']],
    ['davit ps --no', ['--no-trunc']],
    ['davit context use d', ['default']],
    ['davit cp web-o', ['web-one:']],
    ['davit -H unix:///nosuch stop ', []],
  ])('%s: %j', async (line, words) => {
    const offered = (await complete(line)).filter(
      (word) => word !== 'stats' || line !== 'davit container sta',
    );
    expect(offered.sort()).toEqual(words);
  });

  it('of values after an equals sign, and of files', async () => {
    const prefix = shell === 'bash' ? '' : '--restart=';
    expect(await complete('davit run --restart=al')).toEqual([`${prefix}always`]);
    expect((await complete('davit build fol')).map((word) => word.replace('/', ''))).toEqual(['folder']);
  });
});

it.each([
  ['bash', ['--norc', '--noprofile'], 'source <(davit completion bash)'],
  ['zsh', ['-f'], 'autoload -Uz compinit; compinit -u -D; source <(davit completion zsh)'],
  ['fish', ['--no-config'], 'davit completion fish | source'],
])('completes at the Tab key of %s', async (shell, args, load) => {
  const terminal = openTerminal(shell, args, { env });
  try {
    terminal.type(`${load}; echo rea''dy\r`);
    await terminal.shows(/ready/);
    terminal.type('davit exec web-o\t');
    await terminal.shows(/web-one/);
  } finally {
    terminal.close();
    await terminal.exit;
  }
});

it('starts no engine, and says nothing, where none answers', async () => {
  const socket = `${directory}/none.sock`;
  const silent = createClient([`${root}/bin/davit`], {
    env: { PATH: process.env.PATH, HOME: directory, DAVIT_SOCKET: socket },
  });
  expect(await silent('__complete', 'stop', '')).toEqual({ code: 0, stdout: ':4\n', stderr: '' });
});
