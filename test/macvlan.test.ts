import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Result, run } from './support/command.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

function onHost(...argv: string[]): Promise<Result> {
  const [program = '', ...args] = engine.network.enter(argv);
  return run(program, args);
}

/** Whether an address answers, asked from the far end of the wire. */
const answers = async (address: string) =>
  (await onHost('busybox', 'ping', '-c', '1', '-W', '2', '-I', 'far', address)).code === 0;

const create = (name: string, ...flags: string[]) =>
  davit('network', 'create', '-d', 'macvlan', ...flags, name);
const idle = (name: string, ...flags: string[]) =>
  davit.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sleep', '1000');

/** A wire with a machine at its far end. */
async function layWire(): Promise<void> {
  await onHost('ip', 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'far');
  await onHost('ip', 'address', 'add', '10.98.1.1/24', 'dev', 'far');
  for (const device of ['wire', 'far']) await onHost('ip', 'link', 'set', device, 'up');
}

// A kernel may lack them; then the engine says so.
/** What happens to a wire and a device of this kind on it. */
const tryKind = (...kind: string[]) => {
  const commands = `ip link add wire type veth peer name far && ip link add link wire name one type ${kind.join(' ')}`;
  return run('unshare', ['--net', 'sh', '-c', commands]);
};
const lacking = (
  await Promise.all(['macvlan', 'ipvlan'].map(async (kind) => ({ kind, ...(await tryKind(kind)) })))
)
  .filter((tried) => tried.code !== 0)
  .map(({ kind }) => kind);

describe.skipIf(lacking.length === 0 || againstOriginal.engine)('a kernel without such devices', () => {
  it.each(lacking)('is told to lack %s, and no network is made', async (kind) => {
    await onHost('ip', 'link', 'add', 'lone', 'type', 'dummy');
    await onHost('ip', 'link', 'add', 'lone', 'type', 'veth', 'peer', 'name', 'other');
    const { code, stderr } = await davit('network', 'create', '-d', kind, '-o', 'parent=lone', 'never');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`lacks the module ${kind}`),
    });
    expect(await davit.ok('network', 'ls', '-q', '-f', 'name=never')).toBe('');
    await onHost('ip', 'link', 'delete', 'lone');
  });
});

describe.skipIf(lacking.includes('ipvlan'))('a network on the address of a device of the host', () => {
  beforeAll(async () => {
    await layWire();
    return () => onHost('ip', 'link', 'delete', 'wire');
  });

  it.each(['l2', 'l3', 'l3s'])('is as its mode %s has it', async (mode) => {
    const flags = ['-o', 'parent=wire', '-o', `ipvlan_mode=${mode}`, '--subnet', '10.98.1.0/24'];
    await davit.ok('network', 'create', '-d', 'ipvlan', ...flags, '--gateway', '10.98.1.1', 'lane');
    onTestFinished(async () => {
      await davit('rm', '-f', 'one', 'two');
      await davit('network', 'rm', 'lane');
    });
    await idle('one', '--network', 'lane', '--ip', '10.98.1.20');
    await idle('two', '--network', 'lane', '--network-alias', 'second');
    expect(await davit.ok('exec', 'one', 'ping', '-c', '1', '-W', '2', 'second')).toContain(
      '1 packets received',
    );
    const route = await davit.ok('exec', 'one', 'ip', 'route', 'show', 'default');
    expect(route.trim()).toBe(
      mode === 'l2' ? 'default via 10.98.1.1 dev eth0' : 'default dev eth0 scope link',
    );
    if (mode === 'l2') expect(await answers('10.98.1.20')).toBe(true);
    const mac = ['run', '--rm', '--network', 'lane', '--mac-address', '02:00:00:00:00:01', 'busybox', 'true'];
    expect(await davit(...mac)).toMatchObject({ code: 125 });
  });
});

describe.skipIf(lacking.includes('macvlan'))('a network on a device of the host', () => {
  beforeAll(async () => {
    await layWire();
    return () => onHost('ip', 'link', 'delete', 'wire');
  });

  it('puts containers on the wire, with addresses and names of their own', async () => {
    const flags = ['-o', 'parent=wire', '--subnet', '10.98.1.0/24', '--gateway', '10.98.1.1'];
    expect(await create('street', ...flags)).toMatchObject({ code: 0, stderr: '' });
    await idle('one', '--network', 'street', '--ip', '10.98.1.20', '-p', '8080:80');
    await idle('two', '--network', 'street', '--ip', '10.98.1.21', '--network-alias', 'second');
    expect(await davit.ok('exec', 'one', 'ping', '-c', '1', '-W', '2', 'second')).toContain('10.98.1.21');
    expect(await davit.ok('exec', 'one', 'ping', '-c', '1', '-W', '2', '10.98.1.1')).toContain(
      '1 packets received',
    );
    expect(await answers('10.98.1.20')).toBe(true);
    expect(await davit.ok('exec', 'one', 'ip', 'route')).toContain('default via 10.98.1.1 dev eth0');
    const mac = await davit.ok('inspect', '-f', '{{.NetworkSettings.Networks.street.MacAddress}}', 'one');
    expect((await davit.ok('exec', 'one', 'cat', '/sys/class/net/eth0/address')).trim()).toBe(mac.trim());
    // It is reached where it is, and nothing leads there through the host.
    expect(await davit.ok('port', 'one')).toBe('');
    expect((await onHost('curl', '-s', '-m', '1', 'http://127.0.0.1:8080/')).code).not.toBe(0);
    await davit.ok('rm', '-f', 'two');
    expect(await answers('10.98.1.21')).toBe(false);
  });

  it('is joined and left while a container runs', async () => {
    await davit.ok('network', 'create', 'inside');
    await davit.ok('network', 'connect', 'inside', 'one');
    expect(await davit.ok('exec', 'one', 'ip', '-o', '-4', 'address')).toMatch(
      /eth0 .*10\.98\.1\.20.*\n.*eth1/,
    );
    await davit.ok('network', 'disconnect', 'street', 'one');
    expect(await answers('10.98.1.20')).toBe(false);
    expect(await davit.ok('exec', 'one', 'ip', 'route')).not.toContain('10.98.1');
    await davit.ok('network', 'connect', '--ip', '10.98.1.33', 'street', 'one');
    expect(await answers('10.98.1.33')).toBe(true);
    await davit.ok('rm', '-f', 'one');
    await davit.ok('network', 'rm', 'inside');
  });

  it.skipIf(againstOriginal.engine)('outlives the engine', async () => {
    await idle('lasting', '--network', 'street', '--ip', '10.98.1.40');
    await engine.crash();
    expect(await answers('10.98.1.40')).toBe(true);
    await engine.start();
    expect(await answers('10.98.1.40')).toBe(true);
    await davit.ok('network', 'disconnect', 'street', 'lasting');
    expect(await answers('10.98.1.40')).toBe(false);
    await davit.ok('rm', '-f', 'lasting');
  });

  it('leads nowhere else when it is internal, and is refused where it cannot be', async () => {
    onTestFinished(async () => {
      await davit('rm', '-f', 'shut');
      await davit('network', 'rm', 'street', 'cell');
    });
    expect((await create('nowhere', '-o', 'parent=nosuch0')).stderr).toMatch(/nosuch0/);
    expect((await create('nowhere', '-o', 'parent=lo')).stderr).toContain(
      'loopback interface is not a valid macvlan parent link',
    );
    const odd = await create('nowhere', '-o', 'parent=far', '-o', 'macvlan_mode=odd');
    expect(odd).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("requested macvlan mode 'odd' is not valid"),
    });
    const flags = ['--internal', '-o', 'parent=far', '--subnet', '10.98.2.0/24'];
    expect(await create('cell', ...flags)).toMatchObject({ code: 0 });
    await idle('shut', '--network', 'cell');
    expect(await davit.ok('exec', 'shut', 'ip', 'route')).not.toContain('default');
  });
});
