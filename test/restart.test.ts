import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { isGone, waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

interface State {
  Status: string;
  Running: boolean;
  Pid: number;
  ExitCode: number;
  Restarting: boolean;
}
const stateOf = async (name: string) =>
  JSON.parse(await davit.ok('inspect', '-f', '{{json .State}}', name)) as State;
const restartsOf = (name: string) => davit.ok('inspect', '-f', '{{.RestartCount}}', name).then(Number);
const run = (name: string, policy: string, ...command: string[]) =>
  davit.ok('run', '-d', '--name', name, '--restart', policy, '--stop-signal', 'KILL', 'busybox', ...command);
const killHard = (pid: number) => process.kill(pid, 'SIGKILL');
const monitorOf = (pid: number) =>
  Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Waits until a container runs again in another process, and returns that. */
const comesBack = (name: string, before: number) =>
  waitFor(
    async () => {
      const { Running, Pid } = await stateOf(name);
      return Running && Pid > 0 && Pid !== before ? Pid : 0;
    },
    `${name} to come back`,
    40_000,
  );

describe('a container with a restart policy', () => {
  it('comes back when its process is killed, as far as the policy says', async () => {
    const policies = { always: 'always', unless: 'unless-stopped', failing: 'on-failure', once: 'no' };
    const pids = new Map<string, number>();
    for (const [name, policy] of Object.entries(policies)) {
      await run(name, policy, 'sleep', '1000');
      pids.set(name, (await stateOf(name)).Pid);
    }
    for (const pid of pids.values()) killHard(pid);
    for (const name of ['always', 'unless', 'failing']) {
      await comesBack(name, pids.get(name) ?? 0);
      expect(await restartsOf(name)).toBe(1);
      expect(await davit.ok('exec', name, 'echo', 'alive')).toBe('alive');
    }
    expect(await davit.ok('wait', 'once')).toBe('137');
    expect(await stateOf('once')).toMatchObject({ Status: 'exited', ExitCode: 137 });
  });

  it.skipIf(againstOriginal.engine)('comes back when its monitor is killed, alone or with it', async () => {
    const [alone, both] = [(await stateOf('always')).Pid, (await stateOf('unless')).Pid];
    const monitors = [monitorOf(alone), monitorOf(both)];
    killHard(both);
    for (const monitor of monitors) killHard(monitor);
    await comesBack('always', alone);
    await comesBack('unless', both);
    // Nothing is left of what nobody watched any more.
    expect(isGone(alone)).toBe(true);
    await davit.ok('exec', 'always', 'sh', '-c', 'echo heard > /proc/1/fd/1');
    await waitFor(async () => (await davit.ok('logs', 'always')).includes('heard'), 'its output');
  });

  // dockerd's containers end with it, unless it is told otherwise.
  it.skipIf(againstOriginal.engine)('goes on or comes back when the engine is killed', async () => {
    const [kept, lost] = [(await stateOf('always')).Pid, (await stateOf('unless')).Pid];
    await davit.ok('stop', '-t', '0', 'failing');
    await engine.crash();
    killHard(lost);
    await waitFor(() => isGone(lost), 'its end');
    await engine.start();
    await comesBack('unless', lost);
    expect((await stateOf('always')).Pid).toBe(kept);
    expect((await stateOf('failing')).Status).toBe('exited');
  });

  it('comes back with the engine, and unless-stopped only when it was not stopped', async () => {
    await run('stopped', 'unless-stopped', 'sleep', '1000');
    await run('plain', 'no', 'sleep', '1000');
    await run('back', 'always', 'sleep', '1000');
    await davit.ok('stop', '-t', '0', 'stopped', 'back');
    expect((await stateOf('back')).Status).toBe('exited');
    const [always, unless] = [(await stateOf('always')).Pid, (await stateOf('unless')).Pid];
    await engine.stop();
    await waitFor(() => isGone(always) && isGone(unless), 'the end of all');
    await engine.start();
    await comesBack('always', always);
    await comesBack('unless', unless);
    await comesBack('back', 0);
    for (const name of ['stopped', 'plain']) expect((await stateOf(name)).Status).toBe('exited');
    await davit.ok('start', 'stopped');
    const { Pid: pid } = await stateOf('stopped');
    killHard(pid);
    await comesBack('stopped', pid);
  });

  it('is started again on failure as often as it says, each time after a longer wait', async () => {
    await run('counted', 'on-failure:4', 'sh', '-c', 'exit 3');
    await run('content', 'on-failure:4', 'sh', '-c', 'exit 0');
    await waitFor(async () => (await stateOf('counted')).Status === 'exited', 'the last end', 40_000);
    expect(await stateOf('counted')).toMatchObject({ ExitCode: 3, Restarting: false });
    expect(await restartsOf('counted')).toBe(4);
    expect(await stateOf('content')).toMatchObject({ Status: 'exited', ExitCode: 0 });
    expect(await restartsOf('content')).toBe(0);
    const filters = encodeURIComponent(
      JSON.stringify({ container: ['counted'], event: ['start', 'die'], type: ['container'] }),
    );
    const until = Math.ceil(Date.now() / 1000);
    const { body } = await engine.request('GET', `/events?since=0&until=${until}&filters=${filters}`);
    const events = body
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { Action: string; timeNano: number });
    expect(events.map(({ Action }) => Action)).toEqual(Array(5).fill(['start', 'die']).flat());
    const waits = [1, 2, 3, 4].map(
      (round) => ((events[2 * round]?.timeNano ?? 0) - (events[2 * round - 1]?.timeNano ?? 0)) / 1e6,
    );
    // Timers may be late and are never early, but for a rounding.
    for (const [round, wait] of waits.entries()) expect(wait).toBeGreaterThan(100 * 2 ** round - 5);
  });

  it('is seen to wait for its next start, and stays away when it is stopped meanwhile', async () => {
    await run('restless', 'always', 'sh', '-c', 'exit 7');
    await waitFor(async () => (await restartsOf('restless')) >= 3, 'some restarts', 40_000);
    await waitFor(async () => (await stateOf('restless')).Restarting, 'the wait');
    expect(await davit.ok('ps', '-a', '--filter', 'name=restless', '--format', '{{.Status}}')).toMatch(
      /^(Restarting \(7\)|Up )/,
    );
    await davit.ok('stop', '-t', '0', 'restless');
    const before = await restartsOf('restless');
    expect(await stateOf('restless')).toMatchObject({ Status: 'exited', ExitCode: 7 });
    await davit.ok('run', '--rm', 'busybox', 'sleep', '1');
    expect(await restartsOf('restless')).toBe(before);
  });

  it('begins to count anew when it is started by hand', async () => {
    await davit.ok('start', 'counted');
    await waitFor(async () => (await stateOf('counted')).Status === 'exited', 'the last end', 40_000);
    expect(await restartsOf('counted')).toBe(4);
  });
});
