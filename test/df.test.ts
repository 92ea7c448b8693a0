import { expect, it } from 'vitest';
import { differs } from './support/original.ts';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

interface Usage {
  LayersSize: number;
  Images: { Containers: number; SharedSize: number; Size: number }[];
  Containers: { SizeRw: number }[];
  Volumes: { Name: string; UsageData: { RefCount: number; Size: number } }[];
}

const write = (file: string, bytes: number) => `head -c ${bytes} /dev/zero > ${file}`;

it('tells true sizes, and who uses what', async () => {
  const script = `${write('/file', 5000)}; ${write('/v/file', 70_000)}; ln /v/file /v/same`;
  await davit.ok('run', '--name', 'writer', '-v', 'used:/v', 'busybox', 'sh', '-c', script);
  await davit.ok('volume', 'create', 'unused');
  const { body } = await engine.request('GET', '/system/df');
  const usage = JSON.parse(body) as Usage;
  expect(usage.Images).toMatchObject([{ Containers: 1, SharedSize: 0, Size: usage.LayersSize }]);
  expect(usage.Containers).toMatchObject([{ SizeRw: 5000 }]);
  const volumes = usage.Volumes.map(({ Name, UsageData }) => [Name, UsageData.RefCount, UsageData.Size]);
  expect(volumes.sort()).toEqual([
    ['unused', 0, 0],
    ['used', 1, 70_000],
  ]);
  if (differs('usage is asked for by type')) return;
  const some = JSON.parse((await engine.request('GET', '/system/df?type=volume')).body) as object;
  expect(Object.keys(some)).toEqual(['Volumes']);
  expect((await engine.request('GET', '/system/df?type=zz')).status).toBe(400);
});

it('shows them as docker does', async () => {
  const lines = (await davit.ok('system', 'df')).split('\n').map((line) => line.trimEnd().split(/ {2,}/));
  expect(lines[0]).toEqual(['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE']);
  expect(lines.slice(2)).toEqual([
    ['Containers', '1', '0', '5kB', '5kB (100%)'],
    ['Local Volumes', '2', '1', '70kB', '0B (0%)'],
    ['Build Cache', '0', '0', '0B', '0B'],
  ]);
  const verbose = await davit.ok('system', 'df', '-v');
  expect(verbose).toMatch(/^Images space usage:\n\nREPOSITORY +TAG +IMAGE ID +CREATED +SIZE/);
  // dockerd has them in no order.
  const [volumes = ''] = /(?<=\nVOLUME NAME +LINKS +SIZE\n)(.+\n)+/.exec(verbose) ?? [];
  expect(volumes.replaceAll(/ +/g, ' ').trim().split('\n').sort()).toEqual(['unused 0 0B', 'used 1 70kB']);
  const links = '{{range .Volumes}}{{.Name}} {{.Links}}{{println}}{{end}}';
  const linked = await davit.ok('system', 'df', '-v', '--format', links);
  expect(linked.split('\n').sort()).toEqual(['unused 0', 'used 1']);
  expect(await davit.ok('system', 'df', '--format', 'yaml')).toMatch(
    /^- .*\n.*\n {2}.*Type: Local Volumes$/ms,
  );
  expect(await davit.ok('system', 'df', '-v', '--format', 'yaml')).toMatch(
    /^Volumes:\n( {2}.*\n)+ {4}Name: unused$/m,
  );
  expect(await davit.ok('volume', 'ls', '-q', '--filter', 'dangling=true')).toBe('unused');
  if (differs('named volumes are pruned on request')) return;
  expect(await davit.ok('volume', 'prune', '-af')).toMatch(
    /^Deleted Volumes:\nunused\n\nTotal reclaimed space: 0B$/,
  );
});

it.skipIf(differs('named volumes are pruned on request'))('removes what nobody needs', async () => {
  await davit.ok('rm', 'writer');
  await davit.ok('create', '--name', 'stopped', '-v', '/anonymous', 'busybox');
  const id = await davit.ok('inspect', '-f', '{{.Id}}', 'stopped');
  const refused = await davit('system', 'prune', '-f', '--volumes', '--filter', 'until=1h');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toBe('ERROR: The "until" filter is not supported with "--volumes"\n');
  const asked = await davit('system', 'prune', '--filter', 'label=x');
  expect(asked.stdout).toBe(
    'WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n' +
      '  - all dangling images\n  - unused build cache\n\n  Items to be pruned will be filtered with:\n  - label=x\n\n' +
      'Are you sure you want to continue? [y/N] ',
  );
  const pruned = await davit.ok('system', 'prune', '-f', '--volumes');
  expect(pruned).toMatch(
    new RegExp(`^Deleted Containers:\n${id}\n\nDeleted Volumes:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B$`),
  );
  expect(await davit.ok('volume', 'ls', '-q')).toBe('used');
  expect(await davit.ok('images', '-q')).not.toBe('');
});
