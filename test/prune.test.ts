import { expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const make = (name: string, ...flags: string[]) =>
  davit.ok('run', '--name', name, '--network', 'none', ...flags, 'busybox', 'sh', '-c', 'printf 12345 >/f');

it('container prune removes what does not run, when it is told yes', async () => {
  const kept = await make('kept', '-l', 'keep');
  expect(kept).toBe('');
  await make('gone');
  await davit.ok('run', '-d', '--name', 'runs', '--network', 'none', 'busybox', 'sleep', '1000');
  const id = await davit.ok('inspect', '-f', '{{.Id}}', 'gone');
  const question =
    'WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ';
  expect(await davit.with({ input: 'n\n' }).ok('container', 'prune')).toBe(question);
  expect(await davit.with({ input: 'y\n' }).ok('container', 'prune', '--filter', 'label!=keep')).toBe(
    `${question}Deleted Containers:\n${id}\n\nTotal reclaimed space: 5B`,
  );
  expect(await davit.ok('ps', '-a', '--format', '{{.Names}}')).toBe('runs\nkept');
  expect(await davit.ok('container', 'prune', '-f', '--filter', 'until=1h')).toBe(
    'Total reclaimed space: 0B',
  );
  const refused = await engine.request('POST', '/containers/prune?filters={"name":["kept"]}');
  expect(refused).toMatchObject({ status: 400, body: expect.stringContaining("invalid filter 'name'") });
  expect(await davit.ok('container', 'prune', '-f')).toContain('Total reclaimed space: 5B');
  expect(await davit.ok('ps', '-a', '--format', '{{.Names}}')).toBe('runs');
});
