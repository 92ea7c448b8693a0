import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { buildOn } from './support/builder.ts';
import { clientFor } from './support/client.ts';
import { useEngine } from './support/use-engine.ts';

const settings = mkdtempSync(`${tmpdir()}/davit-test-settings-`);
afterAll(() => rmSync(settings, { recursive: true, force: true }));
const file = `${settings}/daemon.json`;
writeFileSync(file, JSON.stringify({ builder: { gc: { policy: [{ all: true, maxUsedSpace: '20MB' }] } } }));

const { engine, davit } = await useEngine({ client: 'davit', args: ['--config-file', file] });
const docker = clientFor('docker', engine);

interface CacheRecord {
  ID: string;
  Type: string;
  Description: string;
  Shared: boolean;
  Size: number;
  UsageCount: number;
}

async function cache(): Promise<CacheRecord[]> {
  const { body } = await engine.request('GET', '/system/df?type=build-cache');
  return (JSON.parse(body) as { BuildCache: CacheRecord[] }).BuildCache;
}

const build = async (dockerfile: string, query: Record<string, string> = {}) => {
  const answer = await buildOn(engine, { dockerfile, files: [], query });
  expect(answer.error).toBe('');
  return answer;
};
const prune = async (query: string) => {
  const { status, body } = await engine.request('POST', `/build/prune?${query}`);
  const { CachesDeleted, SpaceReclaimed, message } = JSON.parse(body);
  return { status, deleted: (CachesDeleted ?? []) as string[], freed: SpaceReclaimed as number, message };
};
const filters = (given: Record<string, string[]>) => `filters=${encodeURIComponent(JSON.stringify(given))}`;
const mounts = () => readdirSync(`${engine.dataRoot}/build/mounts`);
const fill = (bytes: number, path: string) => `head -c ${bytes} /dev/zero > ${path}`;

describe('the build cache', () => {
  it('is shown: what images have as well is shared, folders of RUN are measured', async () => {
    const mounted = `RUN --mount=type=cache,target=/c,id=mine ${fill(300_000, '/c/f')}`;
    await build(`FROM busybox\nENV a=1\nRUN ${fill(100_000, '/f')}\n${mounted}\n`, { t: 'kept' });
    const records = await cache();
    const shown = records.map(({ Type, Shared, Size }) => [Type, Shared, Size]);
    expect(shown.sort()).toEqual([
      ['exec.cachemount', false, 300_000],
      ['internal', false, 0],
      ['regular', false, 0],
      ['regular', true, 100_000],
    ]);
    expect(records.map(({ Description }) => Description)).toContain('cached mount /c with id "mine"');
    const lines = (await davit.ok('builder', 'du')).split('\n').map((line) => line.trimEnd());
    expect(lines[0]).toMatch(/^ID +RECLAIMABLE +SIZE +LAST ACCESSED$/);
    expect(lines.slice(-4)).toEqual([
      'Shared:       100kB',
      'Private:      300kB',
      'Reclaimable:  300kB',
      'Total:        400kB',
    ]);
    expect(await davit.ok('builder', 'du', '--verbose')).toContain(`RUN ${fill(100_000, '/f')}`);
    expect(await docker.ok('system', 'df')).toMatch(/\nBuild Cache +4 +0 +300kB +300kB$/);
    expect(await docker.ok('system', 'df', '-v')).toMatch(/\nBuild cache usage: 300kB\n/);
  });

  it('is pruned by filters, and refuses those that make no sense', async () => {
    expect(await prune(filters({ nosuch: ['1'] }))).toMatchObject({ status: 400 });
    expect(await prune(filters({ until: ['1h'], 'unused-for': ['2h'] }))).toMatchObject({
      status: 400,
      message: expect.stringContaining('conflicting'),
    });
    expect((await prune(filters({ until: ['1h'] }))).deleted).toEqual([]);
    expect((await prune(filters({ label: ['x'] }))).deleted).toEqual([]);
    expect((await prune('keep-storage=400000')).deleted).toEqual([]);
    expect(mounts()).toHaveLength(1);
    const { deleted, freed } = await prune(filters({ type: ['exec.cachemount'] }));
    expect({ count: deleted.length, freed, left: mounts() }).toEqual({ count: 1, freed: 300_000, left: [] });
    // What an image has stays, and is found again.
    expect((await prune('')).deleted).toHaveLength(1);
    expect((await build(`FROM busybox\nENV a=1\nRUN ${fill(100_000, '/f')}\n`)).text).toContain(
      'Using cache',
    );
    const [shared] = (await cache()).filter(({ Shared }) => Shared);
    expect((await prune(`all=1&${filters({ id: [shared?.ID ?? ''] })}`)).freed).toBe(0);
  });

  it('goes with its layers when no image has them', async () => {
    const { id } = await build(`FROM busybox\nRUN ${fill(123_000, '/alone')}\n`);
    await davit.ok('rmi', '-f', id);
    expect(await davit.ok('system', 'df', '--format', '{{.Type}} {{.Size}}')).toContain('Build Cache 123kB');
    const text = await docker.ok('builder', 'prune', '-f');
    expect(text).toMatch(/^Deleted build cache objects:\n[0-9a-f]{64}\n\nTotal reclaimed space: 123kB$/);
    await build(`FROM busybox\nRUN ${fill(77_000, '/again')}\n`);
    await davit.ok('image', 'prune', '-f');
    expect(await davit.ok('system', 'prune', '-f')).toMatch(
      /Deleted build cache objects:\n[0-9a-f]{64}\n\nTotal reclaimed space: 77kB$/,
    );
    const asked = await davit('builder', 'prune');
    expect(asked.stdout).toContain(
      'This will remove all dangling build cache. Are you sure you want to continue?',
    );
  });

  it('is left alone where a build uses it', async () => {
    const first = `FROM busybox\nRUN ${fill(50_000, '/base')}\n`;
    await build(first);
    await davit.ok('image', 'prune', '-f');
    const slow = `RUN --mount=type=cache,target=/c touch /c/here; echo be''gun; until [ -e /c/go ]; do sleep 0.05; done; ls /base`;
    const building = davit.with({ input: `${first}${slow}\n` }).start('build', '--network', 'none', '-');
    await building.prints('begun');
    const [folder = ''] = mounts();
    await prune('all=1');
    expect(mounts()).toEqual([folder]);
    expect(readdirSync(`${engine.dataRoot}/build/mounts/${folder}`)).toEqual(['here']);
    writeFileSync(`${engine.dataRoot}/build/mounts/${folder}/go`, '');
    expect((await building.done).code).toBe(0);
    await davit.ok('image', 'prune', '-f');
    await prune('all=1');
    expect([await cache(), mounts()]).toEqual([[], []]);
  });

  it('stays within the bounds that the engine was told', async () => {
    const step = (id: string) => `RUN --mount=type=cache,target=/c,id=${id} ${fill(12_000_000, '/c/f')}`;
    await build(`FROM busybox\n${step('one')}\n`);
    await build(`FROM busybox\n${step('two')}\n`);
    const left = async () =>
      (await cache()).filter(({ Type }) => Type === 'exec.cachemount').map(({ Description }) => Description);
    await expect.poll(left).toEqual(['cached mount /c with id "two"']);
    expect(mounts()).toHaveLength(1);
  });

  it('is whole after the engine was killed, whatever was being done', async () => {
    const layers = () => readdirSync(`${engine.dataRoot}/overlay/layers`).length;
    await prune('all=1');
    await davit.ok('image', 'prune', '-f');
    const before = layers();
    for (const delay of [0, 30, 60, 90, 120]) {
      const lines = Array.from({ length: 4 }, (_, at) => `RUN ${fill(1000 + at + delay, `/f${at}`)}`);
      const building = davit.with({ input: `FROM busybox\n${lines.join('\n')}\n` });
      const running = building.start('build', '--network', 'none', '-');
      await running.prints('Step 3/');
      const pruning = prune('all=1').catch(() => undefined);
      await engine.crash();
      await Promise.all([running.done, pruning]);
      await engine.start();
    }
    writeFileSync(`${engine.dataRoot}/build/mounts/stray`, '');
    await engine.crash();
    await engine.start();
    expect(mounts()).toEqual([]);
    await davit.ok('image', 'prune', '-f');
    await prune('all=1');
    expect([await cache(), layers()]).toEqual([[], before]);
  });
});
