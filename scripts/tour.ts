// A tour of davit with real commands: each is shown as it is typed, then its output. Everything happens in a
// temporary folder, with an engine of its own, and is taken away at the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { busyboxImage, dockerArchive } from '../test/support/image.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const directory = mkdtempSync(join(tmpdir(), 'davit-quickstart-'));
const env = {
  PATH: process.env.PATH,
  HOME: directory,
  DAVIT_SOCKET: `${directory}/davit.sock`,
  DAVIT_DATA_ROOT: `${directory}/data`,
  DAVIT_EXEC_ROOT: `${directory}/exec`,
};

const style = (code: number, text: string) => (process.stdout.isTTY ? `\x1b[${code}m${text}\x1b[0m` : text);
const print = (text: string) => process.stdout.write(`${text}\n`);
const explain = (text: string) => print(`\n${style(2, `# ${text}`)}`);

async function davit(...args: string[]): Promise<string> {
  const words = args.map((word) => (/^[\w./:=,@{}-]+$/.test(word) ? word : `'${word}'`));
  print(`${style(1, `$ davit ${words.join(' ')}`)}`);
  const child = spawn(`${root}/bin/davit`, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  child.stderr.pipe(process.stdout, { end: false });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`davit ${args[0]} exited with ${code}`);
  return output.trim();
}

async function fetchPage(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(url);
      return await answer.text();
    } catch (error) {
      // The web server in the container may still be on its way up.
      if (attempt === 100) throw error;
      await later(50);
    }
  }
}

async function tour(): Promise<void> {
  explain('An image, made offline from the static busybox of this machine.');
  writeFileSync(`${directory}/busybox.tar`, await dockerArchive([await busyboxImage()]));
  await davit('load', '-i', 'busybox.tar');
  await davit('images');

  explain('A web server in a container, with a folder of this machine and a published port.');
  mkdirSync(`${directory}/www`);
  writeFileSync(`${directory}/www/index.html`, '<h1>Hello from a container</h1>\n');
  const serve = ['busybox', 'httpd', '-f', '-v', '-p', '80', '-h', '/www'];
  await davit(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    '127.0.0.1::80',
    '-v',
    `${directory}/www:/www:ro`,
    ...serve,
  );
  await davit('ps');

  explain('The page, fetched with an HTTP client of this machine.');
  const ports = JSON.parse(await davit('inspect', '-f', '{{json .NetworkSettings.Ports}}', 'web')) as {
    '80/tcp': { HostPort: string }[];
  };
  const url = `http://127.0.0.1:${ports['80/tcp'][0]?.HostPort}/`;
  print(style(1, `> await (await fetch('${url}')).text()`));
  const page = await fetchPage(url);
  process.stdout.write(page);
  if (!page.includes('Hello from a container')) throw new Error('that is not the page');

  explain('What the server wrote, and a look around in its container.');
  await davit('logs', 'web');
  await davit('exec', 'web', 'sh', '-c', 'hostname; id -un; ps');

  explain('Output, errors and exit codes are those of the program.');
  await davit(
    'run',
    '--rm',
    '-m',
    '64m',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'ip link show lo; echo done',
  );

  explain('And away with it.');
  await davit('rm', '-f', 'web');
  await davit('rmi', 'busybox');
}

async function stopEngine(): Promise<void> {
  const pidFile = `${env.DAVIT_EXEC_ROOT}/davitd.pid`;
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  process.kill(pid, 'SIGTERM');
  for (let attempt = 0; attempt < 400 && existsSync(`/proc/${pid}`); attempt++) await later(25);
}

try {
  await tour();
  print(`\n${style(32, 'That was davit.')} Try it yourself: npx davit --help`);
} catch (error) {
  process.stderr.write(`\nThe quickstart failed: ${(error as Error).message}\n`);
  const log = `${env.DAVIT_EXEC_ROOT}/davitd.log`;
  if (existsSync(log)) process.stderr.write(`The engine's log:\n${readFileSync(log, 'utf8').slice(-4000)}\n`);
  process.exitCode = 1;
} finally {
  await stopEngine();
  if (process.exitCode !== 1) rmSync(directory, { recursive: true });
}
