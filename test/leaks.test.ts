import { describe, expect, it } from 'vitest';
import { clientFor } from './support/client.ts';
import { loadBusybox } from './support/contents.ts';
import { createEngine } from './support/engine.ts';
import { leaksOf } from './support/leaks.ts';

describe('an engine that was stopped', () => {
  it('has left nothing behind, whatever its containers went through', async () => {
    const engine = await createEngine('davitd');
    const davit = clientFor('davit', engine);
    await engine.start();
    await loadBusybox(engine);

    const kept = await davit.ok('run', '-d', '-p', '8080:80', '--name', 'kept', 'busybox', 'sleep', '1000');
    const containers = new Set([kept]);
    // The looking glass itself: all of this is there as long as the container runs.
    const alive = await leaksOf(engine, containers);
    for (const trace of ['process', 'mount', 'cgroup', 'link', 'nft', 'file']) {
      expect(alive, trace).toContainEqual(expect.stringMatching(new RegExp(`^${trace} `)));
    }

    await davit('run', '--rm', 'busybox', 'nosuchprogram');
    await davit('run', '--rm', '-p', '8080:80', 'busybox', 'true');
    await davit('run', '--rm', '-v', '/etc/passwd:/etc', 'busybox', 'true');
    await davit(
      'run',
      '--rm',
      '-m',
      '32m',
      'busybox',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=200M',
      'count=1',
    );
    await davit('exec', 'kept', 'nosuchprogram');
    await davit.ok('exec', '-d', 'kept', 'sleep', '1000');
    await davit.ok('restart', '-t', '0', 'kept');
    await engine.crash();
    await engine.start();
    await davit.ok('run', '-d', '--name', 'killed', 'busybox', 'sleep', '1000');
    await davit.ok('kill', 'killed');
    const all = (await davit.ok('ps', '-aq', '--no-trunc')).split('\n');
    for (const id of all) containers.add(id);
    await davit.ok('rm', '-f', ...all);
    await engine.stop();

    expect(await leaksOf(engine, containers)).toEqual([]);
    await engine.discard();
  });
});
