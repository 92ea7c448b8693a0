import { beforeAll, describe, it } from 'vitest';
import { run as onHost, type Result } from './support/command.ts';
import { flagRunner } from './support/flag-runner.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();
const { run, refusal } = flagRunner(davit);
/** Fetches a page from the host's side, past the test's own network. */
function fetchPage(port: string): Promise<Result> {
  const argv = ['curl', '-s', '--max-time', '2', `http://127.0.0.1:${port}/hostname`];
  const [program = '', ...args] = engine.network.enter(argv);
  return onHost(program, args);
}
const server = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];

describe.concurrent('the names of a container', () => {
  it('are those of --hostname and --domainname', async ({ expect }) => {
    const script = 'hostname; hostname -f; cat /etc/hostname /proc/sys/kernel/domainname; tail -1 /etc/hosts';
    const lines = (await run(['--hostname', 'ship', '--domainname', 'example.org'], script)).split('\n');
    expect(lines.slice(0, 4)).toEqual(['ship', 'ship.example.org', 'ship', 'example.org']);
    expect(lines[4]).toMatch(/^[\d.]+\tship\.example\.org ship$/);
    expect(await run(['-h', 'short'], 'hostname')).toBe('short');
  });

  it('of others are added with --add-host', async ({ expect }) => {
    const flags = [
      '--add-host',
      'up:192.0.2.9',
      '--add-host',
      'six=2001:db8::1',
      '--add-host',
      'gw:host-gateway',
    ];
    const script = 'grep -E "\t(up|six|gw)$" /etc/hosts; ip route | grep default';
    const [up, six, gateway = '', route] = (await run(flags, script)).split('\n');
    expect([up, six]).toEqual(['192.0.2.9\tup', '2001:db8::1\tsix']);
    expect(route).toContain(`via ${gateway.split('\t')[0]} `);
  });

  it('are looked up as --dns, --dns-search and --dns-option say', async ({ expect }) => {
    const flags = ['--dns', '192.0.2.1', '--dns-search', 'example.org', '--dns-option', 'timeout:1'];
    expect(await run(flags, 'cat /etc/resolv.conf')).toBe(
      'search example.org\nnameserver 192.0.2.1\noptions timeout:1',
    );
    expect(await run(['--dns-search', '.', '--dns', '192.0.2.1'], 'cat /etc/resolv.conf')).not.toContain(
      'search',
    );
    expect(await refusal('--dns', 'nonsense')).toContain('IP address is not correctly formatted: nonsense');
  });
});

describe.concurrent('the network of a container', () => {
  beforeAll(async () => {
    const subnets = ['--subnet', '10.87.0.0/24', '--ipv6', '--subnet', 'fd87::/64'];
    await davit.ok('network', 'create', ...subnets, 'own');
  });

  it('is the one of --network, where --network-alias names it', async ({ expect }) => {
    const alias = ['--network', 'own', '--network-alias', 'other-name', '--name', 'aliased'];
    await davit.ok('run', '-d', ...alias, 'busybox', 'sleep', '1000');
    const ip = await davit.ok('inspect', '-f', '{{.NetworkSettings.Networks.own.IPAddress}}', 'aliased');
    expect(await run(['--network', 'own'], 'nslookup -type=a other-name')).toContain(`Address: ${ip}`);
    expect(await run(['--network', 'none'], 'ls /sys/class/net')).toBe('lo');
    expect(await refusal('--network', 'nosuch')).toContain('network nosuch not found');
  });

  it('gives the addresses of --ip and --ip6', async ({ expect }) => {
    const flags = ['--network', 'own', '--ip', '10.87.0.77', '--ip6', 'fd87::77'];
    const output = await run(flags, 'ip -o addr show eth0');
    expect(output).toContain('inet 10.87.0.77/24');
    expect(output).toContain('inet6 fd87::77/64');
    expect(await refusal('--ip', '10.87.0.77')).toMatch(
      /user specified IP address is supported (on user defined networks|only when connecting)/,
    );
  });

  it('has the further addresses of --link-local-ip', async ({ expect }) => {
    for (const network of ['bridge', 'own']) {
      const flags = ['--network', network, '--link-local-ip', '169.254.8.8'];
      expect(await run(flags, 'ip -o addr show eth0')).toContain('inet 169.254.8.8/16');
    }
  });

  // A dockerd before 25 does not know it in this place.
  it.skipIf(againstOriginal.engine)('has the hardware address of --mac-address', async ({ expect }) => {
    const show = 'cat /sys/class/net/eth0/address';
    expect(await run(['--mac-address', '02:42:ac:aa:bb:cc'], show)).toBe('02:42:ac:aa:bb:cc');
    expect(await run(['--network', 'own', '--mac-address', '02:42:ac:aa:bb:cd'], show)).toBe(
      '02:42:ac:aa:bb:cd',
    );
  });

  it('is reached at the ports of --publish', async ({ expect }) => {
    await davit.ok('run', '-d', '--hostname', 'published', '--publish', '8087:80', ...server);
    await expect.poll(() => fetchPage('8087')).toMatchObject({ code: 0, stdout: 'published\n' });
  });

  it('is reached at ports that are found for those of --expose with --publish-all', async ({ expect }) => {
    const flags = ['--expose', '80', '--expose', '9000-9001/udp', '--publish-all'];
    await davit.ok('run', '-d', '--name', 'exposed', '--hostname', 'exposed', ...flags, ...server);
    const ports = (await davit.ok('port', 'exposed')).split('\n').filter((line) => line.includes('0.0.0.0'));
    expect(ports.map((line) => line.split(' ')[0]).sort()).toEqual(['80/tcp', '9000/udp', '9001/udp']);
    const port =
      ports
        .find((line) => line.startsWith('80/tcp'))
        ?.split(':')
        .at(-1) ?? '';
    await expect.poll(() => fetchPage(port)).toMatchObject({ code: 0, stdout: 'exposed\n' });
  });
});
