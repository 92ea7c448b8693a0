import { beforeAll, describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const addressOf = (name: string) =>
  davit.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', name);
const shortId = (name: string) => davit.ok('inspect', '-f', '{{printf "%.12s" .Id}}', name);
const linksOf = async (name: string) =>
  (
    JSON.parse(await davit.ok('inspect', '-f', '{{json .HostConfig.Links}}', name)) as string[] | null
  )?.sort() ?? null;
/** What the hosts file of a container says of addresses in networks. */
const hostsOf = async (name: string) =>
  (await davit.ok('exec', name, 'cat', '/etc/hosts'))
    .split('\n')
    .filter((line) => /^\d/.test(line) && !line.includes('localhost'));
/** Ends at once when it is stopped. */
const sleeper = ['--stop-signal', 'KILL', 'busybox', 'sleep', '1000'];

describe('a link on the default network', () => {
  beforeAll(async () => {
    const ports = ['--expose', '5432', '--expose', '53/udp', '--expose', '8000-8002'];
    await davit.ok('run', '-d', '--name', 'db', '-e', 'SECRET=x', '-e', 'HOME=/h', ...ports, ...sleeper);
    await davit.ok('run', '-d', '--name', 'web', '--link', 'db:data-base', '--link', 'db', ...sleeper);
  });

  it('is an address in the hosts file under alias, host name and name', async () => {
    const [address, id] = [await addressOf('db'), await shortId('db')];
    const lines = await hostsOf('web');
    expect(lines.slice(0, -1).sort()).toEqual([`${address}\tdata-base ${id} db`, `${address}\tdb ${id}`]);
    expect(await davit.ok('exec', 'web', 'ping', '-c', '1', '-w', '5', 'data-base')).toContain(
      '1 packets received',
    );
  });

  it('is told of in variables of the program and of what is executed beside it', async () => {
    const address = await addressOf('db');
    const variables = (await davit.ok('exec', 'web', 'cat', '/proc/1/environ')).split('\0').filter(Boolean);
    const own = variables.filter((line) => line.startsWith('DATA_BASE_'));
    const port = (number: number, kind: string) => [
      `DATA_BASE_PORT_${number}_${kind.toUpperCase()}=${kind}://${address}:${number}`,
      `DATA_BASE_PORT_${number}_${kind.toUpperCase()}_ADDR=${address}`,
      `DATA_BASE_PORT_${number}_${kind.toUpperCase()}_PORT=${number}`,
      `DATA_BASE_PORT_${number}_${kind.toUpperCase()}_PROTO=${kind}`,
    ];
    expect(own).toEqual([
      `DATA_BASE_PORT=udp://${address}:53`,
      `DATA_BASE_PORT_8000_TCP_START=tcp://${address}:8000`,
      `DATA_BASE_PORT_8000_TCP_ADDR=${address}`,
      'DATA_BASE_PORT_8000_TCP_PROTO=tcp',
      'DATA_BASE_PORT_8000_TCP_PORT_START=8000',
      `DATA_BASE_PORT_8000_TCP_END=tcp://${address}:8002`,
      'DATA_BASE_PORT_8000_TCP_PORT_END=8002',
      ...port(53, 'udp'),
      ...port(5432, 'tcp'),
      // What the range has said already stays where it was.
      `DATA_BASE_PORT_8000_TCP=tcp://${address}:8000`,
      'DATA_BASE_PORT_8000_TCP_PORT=8000',
      ...port(8001, 'tcp'),
      ...port(8002, 'tcp'),
      'DATA_BASE_NAME=/web/data-base',
      'DATA_BASE_ENV_SECRET=x',
    ]);
    expect(variables).toContain('DB_NAME=/web/db');
    expect(await davit.ok('exec', 'web', 'sh', '-c', 'echo $DB_PORT_5432_TCP_ADDR')).toBe(address);
  });

  it('is a name by which the container is found, and shown', async () => {
    expect(await linksOf('web')).toEqual(['/db:/web/data-base', '/db:/web/db']);
    expect(await linksOf('db')).toBeNull();
    expect(await davit.ok('inspect', '-f', '{{.Name}}', 'web/data-base')).toBe('/db');
    const { body } = await engine.request('GET', '/containers/json');
    const names = (JSON.parse(body) as { Names: string[] }[]).map(({ Names }) => Names.sort());
    expect(names).toContainEqual(['/db', '/web/data-base', '/web/db']);
    expect(await davit.ok('ps', '--format', '{{.Names}}', '--no-trunc', '--filter', 'name=db')).toContain(
      'web/db',
    );
  });

  it('follows its target to another address and another name', async () => {
    const before = await addressOf('db');
    await davit.ok('stop', '-t', '0', 'db');
    // Takes the address that has become free, where the engine gives that away first.
    for (const name of ['filler', 'filler2']) await davit.ok('run', '-d', '--name', name, ...sleeper);
    await davit.ok('start', 'db');
    const after = await addressOf('db');
    expect(after).not.toBe(before);
    const lines = await hostsOf('web');
    expect(lines.filter((line) => line.startsWith(`${after}\t`))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith(`${before}\t`))).toEqual([]);
    await davit.ok('rename', 'db', 'store');
    expect(await linksOf('web')).toEqual(['/store:/web/data-base', '/store:/web/db']);
    await davit.ok('rename', 'store', 'db');
  });

  it('is refused where it leads to nothing', async () => {
    const refusals: [string[], string][] = [
      [['--link', 'nosuch'], 'could not get container for nosuch: No such container: nosuch'],
      [['--link', 'db:a:b'], 'bad format for links: db:a:b'],
      [['--network', 'host', '--link', 'db'], "host type networking can't be used with links"],
      [['--network', 'container:db', '--link', 'db'], "container type network can't be used with links"],
    ];
    for (const [flags, words] of refusals) {
      const { code, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'true');
      expect(stderr).toContain(words);
      expect(code).toBe(125);
    }
    await davit.ok('create', '--name', 'still', 'busybox');
    const late = await davit('run', '--rm', '--name', 'late', '--link', 'still:s', 'busybox', 'true');
    expect(late.stderr).toContain('Cannot link to a non running container: /still AS /late/s');
    expect(late.code).toBe(125);
    await davit.ok('network', 'create', 'apart');
    await davit.ok('run', '-d', '--name', 'away', '--network', 'apart', ...sleeper);
    const apart = await davit('run', '--rm', '--link', 'away', 'busybox', 'true');
    expect(apart.stderr).toContain('Cannot link to /away, as it does not belong to the default network');
    const none = await davit.ok(
      'run',
      '--rm',
      '--network',
      'none',
      '--link',
      'db',
      'busybox',
      'cat',
      '/etc/hosts',
    );
    expect(none).not.toContain('db');
  });

  it('is taken away with rm --link, and nothing else is', async () => {
    expect(await davit.ok('rm', '--link', 'web/data-base')).toBe('web/data-base');
    expect(await linksOf('web')).toEqual(['/db:/web/db']);
    expect((await hostsOf('web')).join()).not.toContain('data-base');
    for (const name of ['web/data-base', 'web/nosuch', 'nosuch/db']) {
      const { code, stderr } = await davit('rm', '--link', name);
      expect(stderr).toContain(`No such container: ${name}`);
      expect(code).toBe(1);
    }
    expect((await davit('rm', '--link', 'web')).stderr).toContain(
      'Conflict, cannot remove the default link name of the container',
    );
    expect(await davit.ok('inspect', '-f', '{{.State.Running}}', 'web')).toBe('true');
  });

  it.skipIf(againstOriginal.engine)('comes back with both containers when the engine does', async () => {
    const always = ['-d', '--restart', 'always'];
    await davit.ok('run', ...always, '--name', 'below', ...sleeper);
    await davit.ok('run', ...always, '--name', 'above', '--link', 'below:b', ...sleeper);
    await engine.stop();
    await engine.start();
    await expect
      .poll(() => davit.ok('inspect', '-f', '{{.State.Running}}', 'above'), { timeout: 20_000 })
      .toBe('true');
    expect((await hostsOf('above'))[0]).toBe(
      `${await addressOf('below')}\tb ${await shortId('below')} below`,
    );
  });

  it('keeps a container from starting whose target is gone', async () => {
    await davit.ok('run', '-d', '--name', 'target', ...sleeper);
    await davit.ok('run', '-d', '--name', 'orphan', '--link', 'target:t', ...sleeper);
    await davit.ok('rm', '-f', 'target');
    expect(await linksOf('orphan')).toEqual(['/target:/orphan/t']);
    const { code, stderr } = await davit('restart', '-t', '0', 'orphan');
    expect(stderr).toContain('Cannot link to a non running container: /target AS /orphan/t');
    expect(code).toBe(1);
    // dockerd does not find such a link any more, and the container never starts again.
    if (againstOriginal.engine) return;
    await davit.ok('rm', '--link', 'orphan/t');
    await davit.ok('start', 'orphan');
  });
});
