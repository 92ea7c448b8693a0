import { describe, expect, it } from 'vitest';
import { type Result, run } from './support/command.ts';
import { otherAddress } from './support/network-namespace.ts';
import { differs } from './support/original.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

function onHost(...argv: string[]): Promise<Result> {
  const [program = '', ...args] = engine.network.enter(argv);
  return run(program, args);
}

/** A container that serves its name on port 80. */
async function serve(name: string, ...flags: string[]): Promise<void> {
  const script = `mkdir -p /www; echo ${name} > /www/index.html; exec httpd -f -p 80 -h /www`;
  await davit.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sh', '-c', script);
}

/** What a container reads from a URL; an empty text when it gets nothing in a second. */
async function fetched(container: string, url: string): Promise<string> {
  const { stdout } = await davit('exec', container, 'timeout', '1', 'wget', '-q', '-O', '-', url);
  return stdout.trim();
}

const reads = (container: string, url: string, text: string) =>
  waitFor(async () => (await fetched(container, url)) === text, `${text} from ${url} in ${container}`);

async function format(container: string, template: string): Promise<string> {
  return (await davit.ok('inspect', '-f', template, container)).trim();
}

const network = (name: string, ...flags: string[]) => davit.ok('network', 'create', ...flags, name);

describe('networks', () => {
  it('are created with all that was asked for, and removed', async () => {
    const flags = ['--subnet', '10.220.0.0/16', '--ip-range', '10.220.5.0/24', '--gateway', '10.220.5.254'];
    const more = ['--aux-address', 'host1=10.220.5.1', '--label', 'a=b', '--attachable', '--internal'];
    const id = (await network('full', ...flags, ...more, '-o', 'com.docker.network.driver.mtu=1400')).trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const [info] = JSON.parse(await davit.ok('network', 'inspect', id.slice(0, 12)));
    expect(info).toMatchObject({
      Name: 'full',
      Driver: 'bridge',
      Internal: true,
      Attachable: true,
      Labels: { a: 'b' },
      Options: { 'com.docker.network.driver.mtu': '1400' },
      IPAM: {
        Config: [
          {
            Subnet: '10.220.0.0/16',
            IPRange: '10.220.5.0/24',
            Gateway: '10.220.5.254',
            AuxiliaryAddresses: { host1: '10.220.5.1' },
          },
        ],
      },
    });
    await davit.ok('run', '-d', '--name', 'member', '--network', 'full', 'busybox', 'sleep', '1000');
    const address = await format('member', '{{.NetworkSettings.Networks.full.IPAddress}}');
    expect(address).toMatch(/^10\.220\.5\.\d+$/);
    expect(address).not.toBe('10.220.5.1');
    expect(await davit.ok('exec', 'member', 'cat', '/sys/class/net/eth0/mtu')).toBe('1400');
    const refused = await davit('network', 'rm', 'full');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('has active endpoints') });
    expect(await davit.ok('ps', '-q', '--filter', 'network=full')).not.toBe('');
    await davit.ok('rm', '-f', 'member');
    expect(await davit.ok('network', 'rm', 'full')).toBe('full');
    expect((await davit('network', 'inspect', 'full')).stderr).toContain('network full not found');
  });

  it('are refused where they cannot be', async () => {
    await network('first', '--subnet', '10.221.0.0/24');
    const refusals: [string[], string][] = [
      [['first'], 'network with name first already exists'],
      [['host'], 'operation is not permitted on predefined host network'],
      [['-d', 'nosuch', 'second'], 'plugin "nosuch" not found'],
      [['--subnet', '10.221.0.128/25', 'second'], 'Pool overlaps with other one on this address space'],
      [['--subnet', '10.222.0.0/33', 'second'], 'invalid CIDR address: 10.222.0.0/33'],
      [
        ['--subnet', '10.222.0.0/24', '--subnet', '10.223.0.0/24', 'second'],
        "doesn't support multiple subnets",
      ],
    ];
    for (const [flags, reason] of refusals) {
      const { code, stderr } = await davit('network', 'create', ...flags);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) });
    }
    expect((await davit('network', 'rm', 'bridge')).stderr).toContain(
      'bridge is a pre-defined network and cannot be removed',
    );
    const run = await davit('run', '--rm', '--network', 'first', '--ip', '10.9.9.9', 'busybox', 'true');
    expect(run).toMatchObject({ code: 125, stderr: expect.stringContaining("of this network's subnets") });
    await davit.ok('network', 'rm', 'first');
  });

  it('are listed and pruned by filters, and tell what happens to them', async () => {
    await network('blue', '--label', 'colour=blue');
    await network('red', '--label', 'colour=red');
    const names = (...flags: string[]) => davit.ok('network', 'ls', '--format', '{{.Name}}', ...flags);
    expect(await names('-f', 'label=colour')).toBe('blue\nred');
    expect(await names('-f', 'type=builtin')).toBe('bridge\nhost\nnone');
    expect(await names('-f', 'name=re')).toBe('red');
    expect(await davit.ok('network', 'prune', '-f', '--filter', 'label=colour=red')).toBe(
      'Deleted Networks:\nred\n',
    );
    expect(await names('-f', 'dangling=true')).toBe('blue');
    await davit.ok('network', 'rm', 'blue');
    // A duration would lose the fractions of the second.
    const now = new Date(Date.now() + 1).toISOString();
    const filters = ['--filter', 'type=network', '--filter', 'network=red', '--since', '1m', '--until', now];
    const events = await davit.ok('events', '--format', '{{.Action}} {{.Actor.Attributes.name}}', ...filters);
    expect(events).toBe('create red\ndestroy red');
  });

  it('take in many containers at once', async () => {
    await network('crowd');
    const names = Array.from({ length: 16 }, (_, index) => `crowd${index}`);
    const ran = await Promise.all(
      names.map((name) =>
        davit('run', '--rm', '--name', name, '--network', 'crowd', 'busybox', 'ip', 'addr'),
      ),
    );
    for (const { stdout, stderr, code } of ran) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.match(/^\d+: \w+/gm)).toHaveLength(2);
    }
    await davit.ok('network', 'rm', 'crowd');
  });

  it('keep their containers from those of others, and internal ones from the world', async () => {
    await network('left');
    await network('right');
    await network('vault', '--internal');
    await serve('web', '--network', 'left');
    await serve('far', '--network', 'right', '-p', '8085:80');
    await serve('safe', '--network', 'vault');
    await davit.ok('run', '-d', '--name', 'near', '--network', 'left', 'busybox', 'sleep', '1000');
    await reads('near', 'http://web/', 'web');
    const far = await format('far', '{{.NetworkSettings.Networks.right.IPAddress}}');
    expect(await fetched('near', `http://${far}/`)).toBe('');
    // A published port is reached through the host by everyone, who may also be in another network.
    await reads('near', `http://${otherAddress}:8085/`, 'far');
    expect(await fetched('safe', `http://${otherAddress}:8085/`)).toBe('');
    const routes = await davit.ok('exec', 'safe', 'ip', 'route');
    if (!differs('an internal network has no way out')) expect(routes).not.toContain('default');
    // Not even with a route of its own making.
    await davit.ok(
      'run',
      '-d',
      '--name',
      'sly',
      '--cap-add',
      'NET_ADMIN',
      '--network',
      'vault',
      'busybox',
      'sleep',
      '1000',
    );
    const gateway = await format('vault', '{{(index .IPAM.Config 0).Gateway}}');
    await davit.ok('exec', 'sly', 'ip', 'route', 'replace', 'default', 'via', gateway);
    expect(await fetched('sly', `http://${far}/`)).toBe('');
    await reads('sly', 'http://safe/', 'safe');
    await davit.ok('rm', '-f', 'web', 'far', 'safe', 'near', 'sly');
    await davit.ok('network', 'rm', 'left', 'right', 'vault');
  });

  it('keep containers from each other without icc', async () => {
    await network('quiet', '-o', 'com.docker.network.bridge.enable_icc=false');
    await serve('one', '--network', 'quiet', '-p', '8086:80');
    await davit.ok('run', '-d', '--name', 'two', '--network', 'quiet', 'busybox', 'sleep', '1000');
    expect(await fetched('two', 'http://one/')).toBe('');
    await reads('two', `http://${otherAddress}:8086/`, 'one');
    await davit.ok('rm', '-f', 'one', 'two');
    await davit.ok('network', 'rm', 'quiet');
  });

  it('are joined and left by containers that run', async () => {
    await network('home', '--subnet', '10.224.0.0/24');
    await network('work', '--subnet', '10.225.0.0/24');
    await serve('mover', '--network', 'home', '-p', '8087:80');
    await davit.ok('run', '-d', '--name', 'asker', '--network', 'work', 'busybox', 'sleep', '1000');
    expect(await fetched('asker', 'http://mover/')).toBe('');
    await davit.ok('network', 'connect', '--ip', '10.225.0.77', '--alias', 'boss', 'work', 'mover');
    await reads('asker', 'http://boss/', 'mover');
    expect(await format('mover', '{{.NetworkSettings.Networks.work.IPAddress}}')).toBe('10.225.0.77');
    expect((await davit('network', 'connect', 'work', 'mover')).stderr).toContain(
      'endpoint with name mover already exists in network work',
    );
    await davit.ok('network', 'disconnect', 'home', 'mover');
    await reads('asker', 'http://boss/', 'mover');
    // The way out and the published port have moved with it.
    expect(await davit.ok('exec', 'mover', 'ip', 'route')).toContain('default via 10.225.0.1');
    await waitFor(
      async () => (await onHost('curl', '-s', '-m', '2', 'http://127.0.0.1:8087/')).stdout === 'mover\n',
      'the published port',
    );
    expect((await davit('network', 'disconnect', 'home', 'mover')).stderr).toMatch(
      /container [0-9a-f]{64} is not connected to network home/,
    );
    // It comes back where it was when it is started again.
    await davit.ok('restart', '-t', '0', 'mover');
    expect(await format('mover', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}')).toBe(
      'work',
    );
    await reads('asker', 'http://boss/', 'mover');
    await davit.ok('rm', '-f', 'mover', 'asker');
    await davit.ok('network', 'rm', 'home', 'work');
  });

  it('are left for good by containers that do not run', async () => {
    await network('left');
    await davit.ok('create', '--name', 'leaver', '--network', 'left', 'busybox', 'ls', '/sys/class/net');
    await davit.ok('network', 'disconnect', 'left', 'leaver');
    expect(await format('leaver', '{{len .NetworkSettings.Networks}}')).toBe('0');
    expect(await davit.ok('start', '-a', 'leaver')).toBe('lo');
    expect(await format('leaver', '{{len .NetworkSettings.Networks}}')).toBe('0');
    await davit.ok('network', 'connect', 'left', 'leaver');
    expect(await davit.ok('start', '-a', 'leaver')).toBe('eth0\nlo');
    await davit.ok('rm', 'leaver');
    await davit.ok('network', 'rm', 'left');
  });

  it('of a container that is paused are shared with others', async () => {
    await davit.ok('run', '-d', '--name', 'still', 'busybox', 'sleep', '1000');
    await davit.ok('pause', 'still');
    const share = ['run', '--rm', '--network', 'container:still'];
    expect(await davit.ok(...share, 'busybox', 'ls', '/sys/class/net')).toBe('eth0\nlo');
    await davit.ok('rm', '-f', 'still');
  });

  it.skipIf(differs('networks have priorities as ways out'))(
    'lead out where the priority is highest',
    async () => {
      await network('alpha', '--subnet', '10.226.0.0/24');
      await network('beta', '--subnet', '10.227.0.0/24');
      const flags = ['--network', 'name=alpha', '--network', 'name=beta,gw-priority=10,ip=10.227.0.9'];
      await davit.ok('run', '-d', '--name', 'both', ...flags, 'busybox', 'sleep', '1000');
      expect(await davit.ok('exec', 'both', 'ip', 'route')).toContain('default via 10.227.0.1');
      await davit.ok('network', 'disconnect', 'beta', 'both');
      expect(await davit.ok('exec', 'both', 'ip', 'route')).toContain('default via 10.226.0.1');
      await davit.ok('rm', '-f', 'both');
      await davit.ok('network', 'rm', 'alpha', 'beta');
    },
  );

  it('carry IPv6, within and from the host', async () => {
    await network('six', '--ipv6', '--subnet', 'fd00:d7::/64');
    await serve('web6', '--network', 'six', '-p', '8088:80');
    await davit.ok('run', '-d', '--name', 'asker6', '--network', 'six', 'busybox', 'sleep', '1000');
    const address = await format('web6', '{{.NetworkSettings.Networks.six.GlobalIPv6Address}}');
    expect(address).toBe('fd00:d7::2');
    await reads('asker6', `http://[${address}]/`, 'web6');
    for (const url of ['http://[::1]:8088/', 'http://[fd00:d7::1]:8088/', 'http://127.0.0.1:8088/']) {
      await waitFor(async () => (await onHost('curl', '-s', '-m', '2', url)).stdout === 'web6\n', url);
    }
    await davit.ok('rm', '-f', 'web6', 'asker6');
    await davit.ok('network', 'rm', 'six');
  });

  it.skipIf(differs('nobody sends in the name of a neighbour'))(
    'let nobody send in the name of a neighbour',
    async () => {
      await network('trust', '--subnet', '10.228.0.0/24');
      await serve('honest', '--network', 'trust', '--ip', '10.228.0.5');
      await davit.ok(
        'run',
        '-d',
        '--name',
        'victim',
        '--network',
        'trust',
        '--ip',
        '10.228.0.6',
        'busybox',
        'sleep',
        '1000',
      );
      const rights = ['--cap-add', 'NET_ADMIN', '--network', 'trust'];
      await davit.ok('run', '-d', '--name', 'liar', ...rights, 'busybox', 'sleep', '1000');
      await reads('victim', 'http://10.228.0.5/', 'honest');
      for (const stolen of ['10.228.0.5', '10.228.0.1']) {
        await davit.ok('exec', 'liar', 'ip', 'address', 'add', `${stolen}/24`, 'dev', 'eth0');
        await davit('exec', 'liar', 'arping', '-U', '-c', '2', '-w', '2', '-I', 'eth0', stolen);
        await davit('exec', 'liar', 'timeout', '1', 'ping', '-c', '1', '-I', stolen, '10.228.0.6');
        const own = (await davit.ok('exec', 'liar', 'cat', '/sys/class/net/eth0/address')).trim();
        expect(await davit.ok('exec', 'victim', 'cat', '/proc/net/arp')).not.toMatch(
          new RegExp(`^${stolen.replaceAll('.', '\\.')} .*${own}`, 'm'),
        );
      }
      await reads('victim', 'http://10.228.0.5/', 'honest');
      await davit.ok('rm', '-f', 'honest', 'victim', 'liar');
      await davit.ok('network', 'rm', 'trust');
    },
  );
});
