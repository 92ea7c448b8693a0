import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineStartError, startEngine } from './engine.ts';
import { engineSocket } from './socket.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-engine-'));
});
afterEach(() => {
  const pids = readFileSync(join(directory, 'pids'), { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(directory, { recursive: true });
});

/** An engine that does what the script says; `ready` tells the client that it listens. */
function engine(script: string): string {
  const path = join(directory, 'davitd');
  const prelude = `#!${process.execPath}
const { appendFileSync, writeSync } = require('node:fs');
const { createServer } = require('node:net');
appendFileSync(${JSON.stringify(join(directory, 'pids'))}, process.pid + '\\n');
const socket = process.argv[3].replace('unix://', '');
const ready = (text) => writeSync(Number(process.env.DAVITD_READY_FD), text + '\\n');
`;
  writeFileSync(path, prelude + script);
  chmodSync(path, 0o755);
  return path;
}

function start(program: string, said: string[] = []) {
  const environment = {
    ...process.env,
    DAVIT_SOCKET: join(directory, 'run', 'davit.sock'),
    DAVIT_EXEC_ROOT: join(directory, 'exec'),
    DAVIT_DATA_ROOT: join(directory, 'data'),
  };
  return startEngine({ environment, program, say: (text) => said.push(text) });
}

const listening =
  "createServer().listen(socket, () => { console.log('up', ...process.argv.slice(2)); ready('ready'); });";

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('startEngine', () => {
  it('starts it where it was told to, and says nothing when that is quick', async () => {
    const said: string[] = [];
    await start(engine(listening), said);
    expect(said).toEqual([]);
    expect(existsSync(join(directory, 'run', 'davit.sock.starting'))).toBe(false);
    const log = readFileSync(join(directory, 'exec', 'davitd.log'), 'utf8');
    expect(log).toBe(
      `up -H unix://${directory}/run/davit.sock --idle-timeout 300 --data-root ${directory}/data --exec-root ${directory}/exec --pidfile ${directory}/exec/davitd.pid\n`,
    );
  });

  it('says so when it takes longer', async () => {
    const said: string[] = [];
    await start(engine(`setTimeout(() => { ${listening} }, 1200);`), said);
    expect(said).toEqual(['Starting the davit engine…']);
  });

  it('starts one engine for clients that come at the same time', async () => {
    const program = engine(`setTimeout(() => { ${listening} }, 100);`);
    await Promise.all([start(program), start(program), start(program)]);
    expect(readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('takes over from a client that was killed while it started the engine', async () => {
    const lock = join(directory, 'run', 'davit.sock.starting');
    const program = engine(listening);
    await start(program);
    rmSync(join(directory, 'run', 'davit.sock'));
    writeFileSync(lock, '999999999');
    await start(program);
    expect(readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('tells what the engine said, and the end of its log', async () => {
    const program = engine(
      "console.log('one\\ntwo'); ready('no OCI runtime works here'); process.exitCode = 1;",
    );
    await expect(start(program)).rejects.toEqual(
      new EngineStartError(
        `the davit engine did not start: no OCI runtime works here\nThe end of its log, ${directory}/exec/davitd.log:\n  one\n  two`,
      ),
    );
  });

  it('tells of an engine that ends without a word, or is not there', async () => {
    await expect(start(engine('process.exit(3)'))).rejects.toThrow(
      'did not start: it ended before it was ready',
    );
    await expect(start('/nosuch/davitd')).rejects.toThrow('did not start: spawn /nosuch/davitd ENOENT');
  });

  it('is content with an engine that someone else has started meanwhile', async () => {
    const program = engine(
      `createServer().listen(socket, () => { ready('another engine holds the state'); });`,
    );
    await start(program);
  });
});

describe('engineSocket', () => {
  it.each([
    [{ DAVIT_SOCKET: '/x.sock' }, true, '/x.sock'],
    [{}, true, '/run/davit/davit.sock'],
    [{ XDG_RUNTIME_DIR: '/run/user/7' }, false, '/run/user/7/davit/davit.sock'],
  ])('with %j, root %s', (environment, isRoot, path) => {
    expect(engineSocket(environment, isRoot)).toBe(path);
  });
});
