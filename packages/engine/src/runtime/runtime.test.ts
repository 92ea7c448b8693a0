import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerConfig, hostConfig } from '@davit/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerCgroup, removeEngineCgroups } from './cgroup.ts';
import { resolveDevices } from './devices.ts';
import { findProgram } from './find.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { buildExecProcess, buildSpec } from './spec.ts';

const obstacles = [
  process.platform !== 'linux' && 'this is not Linux',
  process.getuid?.() !== 0 && 'this is not root',
  ...['conmon', 'busybox'].map((name) => !findProgram(name) && `${name} is not installed`),
  !findProgram('crun') && !findProgram('runc') && 'neither crun nor runc is installed',
].filter(Boolean);
if (obstacles.length > 0) process.stderr.write(`runtime.test.ts is skipped: ${obstacles.join(', ')}\n`);

const engineId = `test-${process.pid}`;

describe.skipIf(obstacles.length > 0)('containers on this kernel', { timeout: 30_000 }, () => {
  let folder = '';
  let runtime: Runtime;
  let stop: () => void;
  const waiting = new Map<string, (code: number) => void>();
  const exitOf = (id: string) => new Promise<number>((resolve) => waiting.set(id, resolve));
  const config = (part: object) =>
    containerConfig({ Hostname: 'box', OpenStdin: true, StdinOnce: true, ...part }, '');

  beforeAll(async () => {
    // Longer than the path of a socket may be.
    folder = mkdtempSync(join(tmpdir(), `davit-runtime-${'x'.repeat(100)}`));
    const bin = join(folder, 'root/bin');
    mkdirSync(bin, { recursive: true });
    cpSync(findProgram('busybox') ?? '', join(bin, 'busybox'));
    for (const name of ['sh', 'cat', 'sleep', 'stty', 'dd']) symlinkSync('busybox', join(bin, name));
    runtime = await createRuntime({ config: { execRoot: folder, runtimes: {}, defaultRuntime: '' } });
    stop = runtime.watchExits((id, code) => waiting.get(id)?.(code));
  });
  afterAll(async () => {
    stop?.();
    await removeEngineCgroups(engineId);
    rmSync(folder, { recursive: true });
  });

  async function create(id: string, part: object, host: object = {}): Promise<string> {
    const wanted = config(part);
    const { spec } = buildSpec({
      id,
      config: wanted,
      hostConfig: hostConfig(host, ''),
      root: join(folder, 'root'),
      passwd: '',
      group: '',
      cgroupsPath: containerCgroup(engineId, '', id),
      networkNamespace: '',
      ipcNamespace: '',
      pidNamespace: '',
      sharedMemory: '',
      hostnameFile: '',
      hostsFile: '',
      resolvFile: '',
      mounts: [],
      devices: await resolveDevices(hostConfig(host, '')),
      initPath: '',
      facts: runtime.facts,
    });
    const bundle = await runtime.prepare(id, spec);
    const { Tty: terminal, OpenStdin: stdin, StdinOnce: stdinOnce } = wanted;
    await runtime.create({ id, bundle, logPath: '', terminal, stdin, stdinOnce });
    return bundle;
  }

  it('print on two streams, read their input and give their code', async () => {
    const bundle = await create('c1', { Cmd: ['sh', '-c', 'cat; echo err >&2; exit 7'] });
    const console = await runtime.attach(bundle);
    const got = ['', '', ''];
    console.onData((stream, bytes) => {
      got[stream] += bytes.toString();
    });
    const exit = exitOf('c1');
    await runtime.start('c1');
    expect(await runtime.running('c1')).toBe(true);
    await console.write(Buffer.from('in and out'));
    console.endInput();
    expect(await exit).toBe(7);
    await console.closed;
    expect(got.slice(1)).toEqual(['in and out', 'err\n']);
    expect(await runtime.oomKilled('c1')).toBe(false);
    expect(await runtime.readExit('c1')).toBe(7);
    await runtime.delete('c1');
    await runtime.delete('c1');
    expect(existsSync(bundle)).toBe(false);
  });

  it('are killed when they take more memory than they may', async () => {
    const command = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=200M', 'count=1'];
    await create('c2', { Cmd: command }, { Memory: 48 << 20, MemorySwap: 48 << 20 });
    const exit = exitOf('c2');
    await runtime.start('c2');
    expect(await exit).toBe(137);
    expect(await runtime.oomKilled('c2')).toBe(true);
    await runtime.delete('c2');
  });

  it('that cannot be run are refused in docker’s words and leave nothing', async () => {
    await expect(create('c3', { Cmd: ['nosuch'] })).rejects.toThrow(
      'OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    );
    await expect(create('c3', { Cmd: ['nosuch'], Tty: true })).rejects.toThrow(
      'executable file not found in $PATH: unknown',
    );
    expect(readdirSync(join(folder, 'bundles'))).toEqual([]);
  });

  it('run further programs, on terminals of their own', async () => {
    await create('c4', { Cmd: ['sleep', '1000'] });
    await runtime.start('c4');
    const exec = async (execId: string, command: string[]) => {
      const exit = exitOf(execId);
      const { console } = await runtime.exec({
        containerId: 'c4',
        execId,
        bundle: runtime.bundle(execId),
        process: buildExecProcess({
          config: config({}),
          hostConfig: hostConfig({}, ''),
          passwd: '',
          group: '',
          command,
          user: '',
          env: [],
          workingDir: '',
          tty: true,
          privileged: false,
          consoleSize: [33, 99],
          facts: runtime.facts,
        }),
        terminal: true,
        stdin: false,
        attach: true,
      });
      let got = '';
      console?.onData((_, bytes) => {
        got += bytes;
      });
      const code = await exit;
      await console?.closed;
      await runtime.delete(execId);
      return { code, got };
    };
    expect(await exec('e1', ['sh', '-c', 'stty size; exit 5'])).toEqual({ code: 5, got: '33 99\r\n' });
    await expect(exec('e2', ['nosuch'])).rejects.toThrow(
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    );
    const exit = exitOf('c4');
    await runtime.kill('c4', 9);
    expect(await exit).toBe(137);
    await runtime.delete('c4');
    expect(readdirSync(join(folder, 'exits'))).toEqual([]);
  });
});
