import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tar } from './support/image.ts';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const sorted = (text: string) => text.split('\n').sort();
const run = (name: string, script: string, ...flags: string[]) =>
  davit.ok('run', '--name', name, '--network', 'none', ...flags, 'busybox', 'sh', '-c', script);

describe('diff', () => {
  it('tells what was added, changed and deleted', async () => {
    await run(
      'changed',
      `rm /bin/vi /etc/group; mkdir -p /new/deep; : >/new/deep/f; echo x >>/etc/passwd; chmod 700 /tmp
       rm /bin/awk; mkdir /bin/awk; rm -rf /var; mkdir /var; : >>/etc/passwd`,
    );
    expect(sorted(await davit.ok('diff', 'changed'))).toEqual([
      'A /new',
      'A /new/deep',
      'A /new/deep/f',
      'C /bin',
      'C /bin/awk',
      'C /etc',
      'C /etc/passwd',
      'C /tmp',
      'D /bin/vi',
      'D /etc/group',
    ]);
    await davit.ok('rm', 'changed');
  });

  it('tells nothing of a container that wrote nothing, and finds what a new folder hides', async () => {
    await run('clean', 'true');
    expect(await davit.ok('diff', 'clean')).toBe('');
    await run('hides', 'rm -rf /usr; mkdir /usr; : >/usr/f');
    expect(sorted(await davit.ok('container', 'diff', 'hides'))).toEqual([
      'A /usr/f',
      'C /usr',
      'D /usr/bin',
    ]);
    await davit.ok('rm', 'clean', 'hides');
    expect((await davit('diff', 'clean')).stderr).toBe(
      'Error response from daemon: No such container: clean\n',
    );
  });
});

describe('export', () => {
  it('writes the root of a container, with owners and links, and without what is mounted', async () => {
    const volume = join(engine.directory, 'exported');
    mkdirSync(volume);
    writeFileSync(join(volume, 'secret'), 'x');
    await run(
      'exported',
      'mkdir /d; echo hi >/d/f; ln /d/f /d/g; chown 12:34 /d/f; chmod 2755 /d; mkfifo /d/p; ln -s f /d/l',
      '-v',
      `${volume}:/data`,
    );
    const file = join(engine.directory, 'root.tar');
    await davit.ok('export', '-o', file, 'exported');
    const list = execFileSync('tar', ['-tvf', file, '--numeric-owner'], { encoding: 'utf8' });
    expect(list).toMatch(/^drwxr-sr-x 0\/0 .* d\/$/m);
    expect(list).toMatch(/^-rw-r--r-- 12\/34 +3 .* d\/f$/m);
    expect(list).toMatch(/^hrw-r--r-- 12\/34 .* d\/g link to d\/f$/m);
    expect(list).toMatch(/^prw-r--r-- .* d\/p$/m);
    expect(list).toMatch(/ d\/l -> f$/m);
    expect(list).toMatch(/ data\/$/m);
    expect(list).not.toContain('secret');
    expect(list).not.toMatch(/ (proc|sys)\/./);
    await davit.ok('rm', 'exported');
  });

  it('refuses to write where it cannot', async () => {
    await run('nowhere', 'true');
    const refused = await davit('export', '-o', '/nosuch/file', 'nowhere');
    expect(refused.stderr).toContain('failed to export container: invalid output path');
    expect(existsSync('/nosuch')).toBe(false);
    await davit.ok('rm', 'nowhere');
  });
});

describe('commit', () => {
  it('makes an image that runs, with all that was added and without all that was removed', async () => {
    await run(
      'source',
      `rm /bin/vi; rm -rf /usr; mkdir /usr; echo n >/usr/new; echo hi >/f; ln /f /g; chown 5:6 /f; chmod 4711 /f
       mkdir /own; chown 7:8 /own`,
      '-e',
      'KEPT=yes',
    );
    const id = await davit.ok(
      'commit',
      ...['-a', 'me', '-m', 'a note', '-c', 'ENV ADDED=1', '-c', 'CMD ["sh", "-c", "echo $KEPT $ADDED"]'],
      'source',
      'made:1',
    );
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    const [image] = JSON.parse(await davit.ok('image', 'inspect', 'made:1')) as {
      [key: string]: unknown;
    }[];
    expect(image).toMatchObject({ Id: id, Author: 'me', Comment: 'a note', RepoTags: ['made:1'] });
    expect(await davit.ok('run', '--rm', '--network', 'none', 'made:1')).toBe('yes 1');
    const script = 'stat -c "%a %u %g %h" /f /own; ls /usr; ls /bin/vi 2>&1';
    const seen = await davit('run', '--rm', '--network', 'none', 'made:1', 'sh', '-c', script);
    expect(seen.stdout).toBe('4711 5 6 2\n755 7 8 2\nnew\nls: /bin/vi: No such file or directory\n');
    await davit.ok('rm', 'source');
    await davit.ok('rmi', 'made:1');
  });

  it('makes an image without a layer of a container that wrote nothing', async () => {
    await run('empty', 'true');
    const id = await davit.ok('commit', 'empty');
    const layers = async (name: string) => {
      const [image] = JSON.parse(await davit.ok('image', 'inspect', name)) as { RootFS: unknown }[];
      return image?.RootFS;
    };
    expect(await layers(id)).toEqual(await layers('busybox'));
    await davit.ok('rm', 'empty');
    await davit.ok('rmi', id);
  });

  it('lets a running container stand still and go on, and says so in events', async () => {
    await davit.ok(
      ...['run', '-d', '--name', 'busy', '--network', 'none', 'busybox', 'sh', '-c'],
      'i=0; while :; do i=$((i+1)); echo $i >/m; mv /m /n; done',
    );
    const id = await davit.ok('commit', 'busy', 'busy:1');
    const unpaused = await davit.ok('commit', '--pause=false', 'busy');
    expect(unpaused).not.toBe(id);
    const first = await davit.ok('exec', 'busy', 'cat', '/n');
    await expect.poll(() => davit.ok('exec', 'busy', 'cat', '/n')).not.toBe(first);
    const filters = encodeURIComponent(JSON.stringify({ event: ['commit'], container: ['busy'] }));
    const until = Math.ceil(Date.now() / 1000) + 1;
    const { body } = await engine.request('GET', `/events?since=0&until=${until}&filters=${filters}`);
    const attributes = body
      .split('\n')
      .filter(Boolean)
      .map(
        (line) => (JSON.parse(line) as { Actor: { Attributes: Record<string, string> } }).Actor.Attributes,
      );
    expect(attributes[0]).toMatchObject({ imageID: id, imageRef: 'busy:1', name: 'busy' });
    await davit.ok('rm', '-f', 'busy');
    await davit.ok('rmi', 'busy:1', unpaused);
  });

  it('keeps file capabilities that were copied in', async () => {
    await davit.ok('create', '--name', 'caps', '--network', 'none', 'busybox', 'true');
    // cap_net_raw=ep, version 2, as the kernel writes it.
    const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
    const pax = { 'SCHILY.xattr.security.capability': capability };
    const body = await tar([{ name: 'ping', content: 'x', mode: 0o755, pax }]);
    expect((await engine.request('PUT', '/containers/caps/archive?path=/tmp', body)).status).toBe(200);
    const { body: back } = await engine.request('GET', '/containers/caps/archive?path=/tmp/ping');
    expect(back).toContain('SCHILY.xattr.security.capability');
    await davit.ok('rm', 'caps');
  });

  it('refuses what it does not understand', async () => {
    await run('refused', 'true');
    expect((await davit('commit', '-c', 'RUN x', 'refused')).stderr).toBe(
      'Error response from daemon: run is not a valid change command\n',
    );
    expect((await davit('commit', 'refused', 'UPPER:x')).stderr).toContain(
      'invalid reference format: repository name (library/UPPER) must be lowercase',
    );
    expect((await davit('commit', 'missing')).stderr).toContain('No such container: missing');
    await davit.ok('rm', 'refused');
  });
});
