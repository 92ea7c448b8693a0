import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientFor } from './support/client.ts';
import { hints } from './support/hint.ts';
import { openTerminal } from './support/terminal.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const address = ['--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1'];

/** A line of a terminal that was written anew where it stands. */
const redrawn = (line: string) => new RegExp(`\\x1b\\[\\d+A\\x1b\\[2K\\r${line}\\r\\x1b\\[\\d+B`);

/** Docker says the same, but of itself. */
const ofDocker = (text: string) => text.replaceAll('davit', 'docker');

describe('a manager of a Swarm', async () => {
  const { engine, davit } = await useEngine({ engine: 'dockerd' });
  const docker = clientFor('docker', engine);
  beforeAll(async () => {
    const { code, stdout } = await davit('swarm', 'init', '--autolock', ...address);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Swarm initialized: current node \(\w{25}\) is now a manager\.\n/);
    expect(stdout).toMatch(/\n {4}davit swarm join --token SWMTKN-1-\S+ 127\.0\.0\.1:2377\n/);
    expect(stdout).toMatch(/\n {4}SWMKEY-1-\S+\n/);
    await davit.ok('secret', 'create', '--label', 'tier=back', 'password', '/etc/hostname');
    await davit.ok('config', 'create', 'settings', '/etc/hostname');
  });

  it.each([
    ['node', 'ls', '-q'],
    [
      'node',
      'ls',
      '--format',
      '{{.ID}} {{.Self}} {{.Status}} {{.Availability}} {{.ManagerStatus}} {{.TLSStatus}}',
    ],
    ['node', 'inspect', 'self'],
    ['node', 'inspect', '--pretty', 'self'],
    ['node', 'inspect', '-f', '{{.Spec.Role}}', 'self'],
    ['node', 'inspect', 'nosuch'],
    ['node', 'ps'],
    ['secret', 'ls', '--format', '{{.Name}} {{.Label "tier"}}'],
    ['secret', 'inspect', 'password'],
    ['secret', 'inspect', '--pretty', 'password'],
    ['secret', 'rm', 'nosuch'],
    ['node', 'rm', 'nosuch'],
    ['config', 'ls', '--filter', 'name=settings', '-q'],
    ['config', 'inspect', '--pretty', 'settings'],
    ['config', 'inspect', 'nosuch'],
    ['service', 'ls'],
    ['service', 'ps', 'nosuch'],
    ['swarm', 'join-token', 'worker'],
    ['swarm', 'join-token', '-q', 'manager'],
    ['swarm', 'join-token', 'king'],
    ['swarm', 'unlock-key', '-q'],
    ['swarm', 'ca'],
    ['swarm', 'leave'],
  ])('hears from davit what docker says: %s %s %s', async (...args) => {
    const [ours, theirs] = await Promise.all([davit(...args), docker(...args)]);
    expect({ code: ours.code, stdout: ofDocker(ours.stdout) }).toEqual({
      code: theirs.code,
      stdout: theirs.stdout,
    });
    // What the engine says ends with a blank here and there.
    expect(ofDocker(ours.stderr).trim()).toBe(theirs.stderr.trim());
  });

  it('lists what services run, in tables as docker does', async () => {
    const image = 'nobody/has:this';
    // Without a restart its tasks come to rest.
    const flags = ['--detach', '--name', 'web', '--replicas', '2', '--restart-condition', 'none'];
    expect((await docker('service', 'create', ...flags, image)).code).toBe(0);
    const nodes = () => docker('service', 'ps', '--format', '{{.Node}}', 'web');
    await waitFor(async () => /^\S+\n\S+$/.test((await nodes()).stdout.trim()), 'nodes for both tasks');
    for (const args of [
      ['service', 'ls'],
      ['service', 'ps', '--format', '{{.Name}} {{.Image}} {{.Node}}', 'web'],
    ]) {
      const [ours, theirs] = await Promise.all([davit(...args), docker(...args)]);
      expect(ours.stdout).toBe(theirs.stdout);
      expect(ours.stdout).toContain('web');
    }
    expect(await davit.ok('service', 'rm', 'web')).toBe('web');
    expect(await davit.ok('service', 'ls', '-q')).toBe('');
  });

  it('runs services until they are as they were asked for, and prints their logs', async () => {
    const script = 'echo out; echo err >&2; exec sleep 1000';
    const flags = [
      '--no-resolve-image',
      '--name',
      'talk',
      '--update-monitor',
      '10ms',
      '--stop-signal',
      'KILL',
    ];
    const created = await davit('service', 'create', ...flags, 'busybox', 'sh', '-c', script);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    // How much of its way to running is seen depends on how quick the manager is.
    expect(created.stdout).toMatch(
      /^\w{25}\n(overall progress: [01] out of 1 tasks\n|1\/1: .*\n|verify: .*\n)+$/,
    );
    expect(created.stdout).toContain('overall progress: 1 out of 1 tasks\n');
    expect(created.stdout).toMatch(/verify: Service \w{25} converged\n$/);
    const printed = async () => {
      const { stdout, stderr } = await docker('service', 'logs', '--raw', 'talk');
      return `${stdout}${stderr}` === 'out\nerr\n';
    };
    await waitFor(printed, 'what the service prints');
    for (const args of [
      ['service', 'logs', 'talk'],
      ['service', 'logs', '--raw', '-n', '1', 'talk'],
      ['service', 'logs', '--no-task-ids', '--no-resolve', '--details', 'talk'],
      ['service', 'inspect', '--pretty', 'talk'],
    ]) {
      const [ours, theirs] = await Promise.all([davit(...args), docker(...args)]);
      expect(ours).toEqual(theirs);
      // The last line may be one of standard error.
      expect(ours.stdout + ours.stderr).not.toBe('');
    }
    expect((await davit('service', 'scale', '-d', 'talk=0')).stdout).toBe('talk scaled to 0\n');
    expect(await davit.ok('service', 'inspect', '-f', '{{.Spec.Mode.Replicated.Replicas}}', 'talk')).toBe(
      '0',
    );
    await davit.ok('service', 'rollback', '-d', 'talk');
    expect(await davit.ok('service', 'inspect', '-f', '{{.Spec.Mode.Replicated.Replicas}}', 'talk')).toBe(
      '1',
    );
    const [program = '', ...first] = davit.argv;
    const terminal = { env: davit.env, columns: 130 };
    const scaled = openTerminal(program, [...first, 'service', 'scale', 'talk=2'], terminal);
    await scaled.shows('overall progress: 2 out of 2 tasks');
    expect(await scaled.exit).toBe(0);
    for (const task of ['1/2', '2/2'])
      expect(scaled.screen()).toMatch(redrawn(`${task}: running   \\[={50}>\\] `));
    expect(scaled.screen()).toMatch(redrawn('verify: Service talk converged'));
    await hints(davit, ['service', 'ps', 'tolk'], /no such service: tolk\s+Did you mean talk\?/);
    await davit.ok('service', 'rm', 'talk');
  });

  it('brings stacks out, lists and removes them', async () => {
    const db = '{image: busybox, command: sleep 1000, stop_signal: KILL}';
    const compose = `services: {web: {image: "nobody/has:this", deploy: {replicas: 0}}, db: ${db}}`;
    const file = join(engine.directory, 'compose.yml');
    writeFileSync(file, compose);
    const deploy = ['stack', 'deploy', '--resolve-image', 'never', '-d', 'shop'];
    expect(await davit.with({ input: compose })(...deploy, '-c', '-')).toEqual({
      code: 0,
      stdout: 'Creating network shop_default\nCreating service shop_db\nCreating service shop_web\n',
      stderr: '',
    });
    const spec = () => davit.ok('service', 'inspect', '-f', '{{json .Spec}}', 'shop_web');
    const ours = JSON.parse(await spec());
    expect((await docker(...deploy, '-c', file)).stdout).toContain('Updating service shop_web');
    expect(ours).toEqual(JSON.parse(await spec()));
    // What both are asked may not change in between.
    const running = async () =>
      (await docker('stack', 'ps', '--format', '{{.Name}} {{.CurrentState}}', 'shop')).stdout;
    await waitFor(async () => /^shop_db\.1 Running \S.*\n$/.test(await running()), 'the task that runs');
    for (const args of [
      ['stack', 'ls'],
      ['stack', 'services', '--format', '{{.Name}} {{.Replicas}}', 'shop'],
      ['stack', 'ps', '--format', '{{.Name}}', 'shop'],
      ['stack', 'ps', 'nope'],
      ['stack', 'services', 'nope'],
      ['stack', 'rm', 'nope'],
    ]) {
      expect(await davit(...args), args.join(' ')).toEqual(await docker(...args));
    }
    const removed = await davit('stack', 'rm', '-d=false', 'shop');
    expect(removed.stdout).toContain('Removing service shop_db\n');
    expect(removed).toMatchObject({ code: 0, stderr: '' });
    expect(await davit.ok('stack', 'ls', '--format', '{{.Name}}')).toBe('');
  });

  it('changes nodes', async () => {
    const id = await davit.ok('node', 'ls', '-q');
    const label = () => davit.ok('node', 'inspect', '-f', '{{json .Spec.Labels}}', id);
    expect(await davit.ok('node', 'update', '--label-add', 'disk=ssd', '--label-add', 'rack=2', id)).toBe(id);
    expect(await label()).toBe('{"disk":"ssd","rack":"2"}');
    await davit.ok('node', 'update', '--label-rm', 'disk', '--availability', 'drain', id);
    expect(await label()).toBe('{"rack":"2"}');
    expect(await davit.ok('node', 'ls', '--format', '{{.Availability}}')).toBe('Drain');
    const missing = await davit('node', 'update', '--label-rm', 'disk', id);
    expect(missing).toMatchObject({ code: 1, stderr: "key disk doesn't exist in node's labels\n" });
    expect(await davit.ok('node', 'promote', id)).toBe(`Node ${id} is already a manager.`);
    expect((await davit('node', 'demote', id)).stderr).toContain('attempting to demote the last manager');
  });

  it('changes its settings, tokens and keys', async () => {
    const settings = (field: string) => davit.ok('info', '-f', `{{.Swarm.Cluster.Spec.${field}}}`);
    expect(await davit.ok('swarm', 'update', '--task-history-limit', '2', '--cert-expiry', '48h')).toBe(
      'Swarm updated.',
    );
    expect(await settings('Orchestration.TaskHistoryRetentionLimit')).toBe('2');
    expect(await settings('CAConfig.NodeCertExpiry')).toBe('48h0m0s');
    const token = await davit.ok('swarm', 'join-token', '-q', 'worker');
    expect(await davit.ok('swarm', 'join-token', '--rotate', '-q', 'worker')).not.toBe(token);
    const key = await davit.ok('swarm', 'unlock-key', '-q');
    expect(await davit.ok('swarm', 'unlock-key', '--rotate', '-q')).not.toBe(key);
    expect((await davit('swarm', 'unlock')).stderr).toBe('Error: swarm is not locked\n');
  });

  it('keeps what comes from standard input, and forgets it', async () => {
    const id = (await davit.with({ input: 'open sesame' })('secret', 'create', 'piped', '-')).stdout.trim();
    expect(id).toMatch(/^\w{25}$/);
    const file = join(engine.directory, 'site.conf');
    writeFileSync(file, 'listen 80;\n');
    await davit.ok('config', 'create', 'site', file);
    expect(await davit.ok('config', 'inspect', '--pretty', 'site')).toContain('\nData:\nlisten 80;');
    expect(await davit.ok('secret', 'rm', 'piped')).toBe('piped');
    expect(await davit.ok('config', 'rm', 'site', 'settings')).toBe('site\nsettings');
    const missing = await davit('secret', 'create', 'x', '/nonexistent');
    expect(missing.stderr).toBe(
      'error reading from /nonexistent: open /nonexistent: no such file or directory\n',
    );
  });
});

describe('the bundled engine', async () => {
  const { davit } = await useEngine();

  it.each([
    ['swarm', 'init'],
    ['node', 'ls'],
    ['service', 'ls'],
    ['secret', 'rm', 'x'],
    ['service', 'create', 'busybox'],
    ['stack', 'ls'],
    ['stack', 'deploy', '-c', `${import.meta.dirname}/swarm-cases/one.yml`, 'shop'],
  ])('says where a Swarm would be: %s %s', async (...args) => {
    const { code, stdout, stderr } = await davit(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('this engine is davitd, which runs on one machine');
    expect(stderr).toContain('-H, DOCKER_HOST or a context');
  });
});
