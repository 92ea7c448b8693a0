import { afterEach, describe, expect, it } from 'vitest';
import { openTerminal, type Terminal } from './support/terminal.ts';
import { useEngine } from './support/use-engine.ts';

const { davit } = await useEngine();
const open: Terminal[] = [];

function terminal(...args: string[]): Terminal {
  const made = davit.terminal(...args);
  open.push(made);
  return made;
}

/** A shell on the terminal, which runs the client and then tells how it found the terminal. */
function shellAround(...args: string[]): Terminal {
  const script = 'stty -a > /dev/null; "$@"; echo "code=$?"; stty -a; echo "en""d"';
  const made = openTerminal('sh', ['-c', script, 'sh', ...davit.argv, ...args], { env: davit.env });
  open.push(made);
  return made;
}

const sane = ['icanon', 'echo', 'isig', 'opost', 'icrnl', 'ixon'];

async function expectSane(shell: Terminal): Promise<void> {
  await shell.shows(/\bend\b/);
  const settings = shell.screen().split('code=').at(-1)?.split(/\s+/) ?? [];
  expect(settings).toEqual(expect.arrayContaining(sane));
}

describe('a terminal', () => {
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  it('of these tests is read to its end, whenever that comes', async () => {
    // Long after the program that it was opened for has ended.
    const shell = openTerminal('sh', ['-c', 'trap "" HUP; (sleep 1; echo late) & echo early; exit 5'], {});
    open.push(shell);
    expect(await shell.exit).toBe(5);
    expect(shell.screen()).toBe('early\r\nlate\r\n');
  });

  it('has the size of the terminal of the client from the start, and follows it', async () => {
    const shell = terminal('run', '--rm', '-it', 'busybox', 'sh');
    await shell.shows('# ');
    shell.type('until [ "$(stty size)" = "24 80" ]; do sleep 0.02; done; echo "first:"$(stty size)\r');
    await shell.shows('first:24 80');
    shell.resize(33, 121);
    shell.type('until [ "$(stty size)" = "33 121" ]; do sleep 0.02; done; echo "then:"$(stty size)\r');
    await shell.shows('then:33 121');
    shell.type('exit 7\r');
    expect(await shell.exit).toBe(7);
  });

  it('is a terminal in the container, with TERM', async () => {
    const shell = terminal('run', '--rm', '-it', 'busybox', 'sh', '-c', 'tty; echo "$TERM"');
    await shell.shows(/\/dev\/(pts\/0|console)\r\nxterm\r\n/);
    expect(await shell.exit).toBe(0);
  });

  it('brings Ctrl-C to the program in the container, not to the client', async () => {
    const script = 'trap "echo caught; exit 3" INT; echo ready; while :; do sleep 0.02; done';
    const shell = terminal('run', '--rm', '-it', 'busybox', 'sh', '-c', script);
    await shell.shows('ready');
    shell.type('\x03');
    await shell.shows('caught');
    expect(await shell.exit).toBe(3);
  });

  it('is left by the detach keys while the container goes on, and sane', async () => {
    const shell = shellAround('run', '--name', 'detached', '-it', 'busybox', 'sh');
    await shell.shows('# ');
    shell.type('\x10\x11');
    await shell.shows('code=0');
    await expectSane(shell);
    expect(await davit.ok('inspect', '-f', '{{json .State.Running}}', 'detached')).toBe('true');

    const again = shellAround('attach', 'detached');
    again.type('echo "bac""k"\r');
    await again.shows('back');
    again.type('\x10\x11');
    await again.shows('read escape sequence');
    await expectSane(again);
    await davit.ok('rm', '-f', 'detached');
  });

  it('takes detach keys of the user', async () => {
    const shell = shellAround('run', '--name', 'keys', '-it', '--detach-keys', 'ctrl-x,y', 'busybox', 'sh');
    await shell.shows('# ');
    shell.type('\x10\x11echo "sti""ll"\r');
    await shell.shows('still');
    shell.type('\x18y');
    await shell.shows('code=0');
    await davit.ok('rm', '-f', 'keys');
  });

  it('is sane after the end of the container, however it ends', async () => {
    const normal = shellAround('run', '--rm', '-it', 'busybox', 'sh', '-c', 'exit 5');
    await normal.shows('code=5');
    await expectSane(normal);
    const killed = shellAround('run', '--rm', '--name', 'victim', '-it', 'busybox', 'sh');
    await killed.shows('# ');
    await davit.ok('kill', 'victim');
    await killed.shows('code=137');
    await expectSane(killed);
    const impossible = shellAround('run', '--rm', '-it', 'busybox', 'nosuchprogram');
    await impossible.shows('code=127');
    await expectSane(impossible);
  });

  it('is sane after the client was ended by a signal', async () => {
    const script = '"$@" & client=$!; wait $client; echo "ended"; stty -a; echo "en""d"';
    const shell = openTerminal('sh', ['-m', '-c', script, 'sh', ...davit.argv, 'version'], {
      env: davit.env,
    });
    open.push(shell);
    await shell.shows('ended');
    await expectSane(shell);
  });

  it('shows where a template is wrong', async () => {
    const shell = terminal('ps', '--format', 'table {{.ID}}\\t{{.Names');
    await shell.shows(
      'failed to parse template: template: :1: unclosed action\r\n' +
        `line 1, column 24:\r\n  table {{.ID}}\\t{{.Names\r\n${' '.repeat(25)}^\r\n`,
    );
    expect(await shell.exit).toBe(1);
    const { stderr } = await davit('ps', '--format', '{{.Names');
    expect(stderr).toBe('failed to parse template: template: :1: unclosed action\n');
  });

  it('refuses -t when standard input is none', async () => {
    const { code, stderr } = await davit.with({ input: '' })('run', '--rm', '-it', 'busybox', 'true');
    expect(stderr).toContain('the input device is not a TTY');
    expect(code).toBe(1);
  });

  it('needs none on the side of the client with -t alone', async () => {
    expect(await davit('run', '--rm', '-t', 'busybox', 'echo', 'hi')).toEqual({
      code: 0,
      stdout: 'hi\r\n',
      stderr: '',
    });
  });

  it('carries a large paste and a large screen', async () => {
    const shell = terminal('run', '--rm', '-it', 'busybox', 'sh');
    await shell.shows('# ');
    shell.type('seq 1 20000 | tail -n 20000; echo "la""st"\r');
    await shell.shows('last');
    expect(shell.screen()).toContain('19999\r\n20000\r\nlast');
    shell.type('exit\r');
    expect(await shell.exit).toBe(0);
  });
});
