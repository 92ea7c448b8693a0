import { globSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine();

/** Counts for as long as it runs; what it has counted to is in a file. */
const counter = 'n=0; while true; do n=$((n+1)); echo $n > /count; sleep 0.01; done';

const stateOf = (name: string) => davit.ok('inspect', '-f', '{{.State.Status}} {{.State.Paused}}', name);
const count = (name: string) => davit.ok('cp', `${name}:/count`, '-');

async function run(name: string, ...more: string[]): Promise<string> {
  return davit.ok('run', '-d', '--name', name, ...more, 'busybox', 'sh', '-c', counter);
}

/** Resolves when the counter has gone on. */
async function goesOn(name: string): Promise<void> {
  const before = await count(name);
  await expect.poll(() => count(name), { timeout: 10_000 }).not.toBe(before);
}

/** Lets a container stand still behind the engine's back. */
async function freeze(id: string): Promise<void> {
  const [path] = globSync(`/sys/fs/cgroup/{,freezer/}davit/*/${id}/{freezer.state,cgroup.freeze}`);
  if (path === undefined) throw new Error(`${id} has no freezer`);
  writeFileSync(path, path.endsWith('state') ? 'FROZEN' : '1');
}

describe('a paused container', () => {
  it('stands still until it goes on', async () => {
    await run('still');
    await goesOn('still');
    expect(await davit.ok('pause', 'still')).toBe('still');
    expect(await stateOf('still')).toBe('paused true');
    expect(await davit.ok('ps', '--filter', 'status=paused', '--format', '{{.Names}} {{.Status}}')).toMatch(
      /^still Up .* \(Paused\)$/,
    );
    const before = await count('still');
    // As long as another container takes to come and go, it would have counted on.
    await davit.ok('run', '--rm', 'busybox', 'sleep', '0.2');
    expect(await count('still')).toBe(before);
    expect(await davit.ok('unpause', 'still')).toBe('still');
    expect(await stateOf('still')).toBe('running false');
    await goesOn('still');
  });

  it('refuses what needs a container that runs, and what was done already', async () => {
    const id = await run('refused');
    await davit.ok('pause', 'refused');
    const refusals: [string[], number, RegExp][] = [
      [['pause', 'refused'], 1, new RegExp(`Container ${id} is already paused`)],
      [['exec', 'refused', 'true'], 1, /is paused, unpause the container before exec/],
      [['attach', 'refused'], 1, /annot attach to a paused container, unpause it first/],
      [['start', 'refused'], 1, /cannot start a paused container, try unpause instead/],
      [['rm', 'refused'], 1, /paused/],
    ];
    for (const [args, code, message] of refusals) {
      const result = await davit(...args);
      expect(result.code, args.join(' ')).toBe(code);
      expect(result.stderr).toMatch(message);
    }
    await davit.ok('unpause', 'refused');
    expect((await davit('unpause', 'refused')).stderr).toContain(`Container ${id} is not paused`);
    await davit.ok('kill', 'refused');
    expect((await davit('pause', 'refused')).stderr).toContain(`Container ${id} is not running`);
    expect((await davit('pause', 'nosuch')).stderr).toContain('No such container: nosuch');
  });

  it.each([
    ['stop', ['stop', '-t', '1']],
    ['kill', ['kill']],
    ['rm -f', ['rm', '-f']],
  ])('can be ended by %s', async (_, args) => {
    await run('ended', '--rm');
    await davit.ok('pause', 'ended');
    await davit.ok(...args, 'ended');
    await expect.poll(() => davit.ok('ps', '-aq', '--filter', 'name=ended')).toBe('');
  });

  it.skipIf(againstOriginal.engine)('can be killed while a commit holds it still', async () => {
    const id = await run('held');
    await freeze(id);
    await davit.ok('kill', 'held');
    expect(await stateOf('held')).toBe('exited false');
  });

  it('shows its processes', async () => {
    await run('seen');
    await davit.ok('pause', 'seen');
    expect(await davit.ok('top', 'seen', '-o', 'pid,args')).toContain('while true');
  });

  it('is told of in events', async () => {
    const begin = await davit.ok('info', '-f', '{{.SystemTime}}');
    const id = await run('told');
    await davit.ok('pause', 'told');
    await davit.ok('unpause', 'told');
    const until = await davit.ok('info', '-f', '{{.SystemTime}}');
    const events = await davit.ok(
      ...['events', '--since', begin, '--until', until, '--filter', `container=${id}`],
      ...['--format', '{{.Action}}'],
    );
    expect(events).toContain('\npause\nunpause');
  });

  it.skipIf(againstOriginal.engine)('stays so when the engine is killed', async () => {
    await run('survivor');
    await davit.ok('pause', 'survivor');
    await engine.crash();
    await engine.start();
    expect(await stateOf('survivor')).toBe('paused true');
    await davit.ok('unpause', 'survivor');
    await goesOn('survivor');
  });

  it.skipIf(againstOriginal.engine)('goes on at the next start when nobody has paused it', async () => {
    const id = await run('frozen');
    // As a commit leaves it whose engine is killed.
    const cgroup = await davit.ok('exec', 'frozen', 'cat', '/proc/1/cgroup');
    expect(cgroup).toMatch(/freezer|^0::/m);
    await freeze(id);
    await engine.crash();
    await engine.start();
    expect(await stateOf('frozen')).toBe('running false');
    await goesOn('frozen');
  });
});
