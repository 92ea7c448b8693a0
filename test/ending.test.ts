import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';

const { davit } = await useEngine();

// process.exit() may wait for ever for a thread of V8 that waits for a collection of garbage: it is the last resort.
const told = encodeURIComponent(`
  const exit = process.reallyExit;
  process.reallyExit = (code) => { process.stderr.write('forced to end'); exit.call(process, code); };
`);
const watched = davit.with({ env: { NODE_OPTIONS: `--import=data:text/javascript,${told}` } });

it('comes by itself when a command is done', async () => {
  await davit.ok('run', '-d', '--name', 'box', 'busybox', 'sh', '-c', 'echo ready; exec sleep 1000');
  const results = await Promise.all([
    watched('ps'),
    watched('run', '--rm', 'busybox', 'true'),
    watched('cp', '/etc/hostname', 'box:/'),
    watched('inspect', 'nosuch'),
    watched('-H', 'tcp://127.0.0.1:1', 'ps'),
  ]);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 1, 1]);
  expect(results.map(({ stderr }) => stderr).join('')).not.toContain('forced');
});

it('comes by itself although standard input is still open', async () => {
  const [program = ''] = davit.argv;
  const child = spawn(program, ['exec', '-i', 'box', 'true'], {
    env: watched.env,
    stdio: ['pipe', 2, 'pipe'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  child.stdin?.destroy();
});

it('comes by itself after Ctrl-C', async () => {
  const logs = watched.start('logs', '-f', 'box');
  const events = watched.start('events', '--since', '1');
  const stats = watched.start('stats', 'box');
  await Promise.all([logs.prints('ready'), events.prints('create'), stats.prints('box')]);
  const commands = [logs, events, stats];
  for (const command of commands) command.signal('SIGINT');
  expect(await Promise.all(commands.map(({ done }) => done.then(({ stderr }) => stderr)))).toEqual([
    '',
    '',
    '',
  ]);
});

it('is that of a broken pipe when nobody reads any more', async () => {
  const [program = ''] = davit.argv;
  const child = spawn(program, ['run', '--rm', 'busybox', 'yes'], {
    env: watched.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.once('data', () => child.stdout?.destroy());
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const signal = await new Promise((resolve) => child.once('close', (_code, name) => resolve(name)));
  expect({ signal, errors }).toEqual({ signal: 'SIGPIPE', errors: '' });
});
