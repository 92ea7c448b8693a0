import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from './support/certificates.ts';
import { type Client, createClient } from './support/client.ts';
import { run, start } from './support/command.ts';
import { loadBusybox } from './support/contents.ts';
import { createEngine, root } from './support/engine.ts';
import { otherAddress } from './support/network-namespace.ts';
import { type SshServer, startSshServer } from './support/ssh-server.ts';
import { waitFor } from './support/wait.ts';

const directory = mkdtempSync(`${tmpdir()}/davit-test-connections-`);
const certificates = await makeCertificates(`${directory}/certificates`);
const filesOf = (folder: string) =>
  ['ca', 'cert', 'key'].flatMap((name) => [
    `--tls${name === 'ca' ? 'cacert' : name}`,
    `${folder}/${name}.pem`,
  ]);
const secure = `tcp://${otherAddress}:2376`;
const engine = await createEngine('davitd', ['-H', secure, '--tlsverify', ...filesOf(certificates.engine)]);
let ssh: SshServer;

/** A client in the engine's network, whose environment says nothing of an engine unless it is told to. */
function client(program: 'davit' | 'docker', env: NodeJS.ProcessEnv = {}): Client {
  const path = program === 'davit' ? `${root}/bin/davit` : 'docker';
  return createClient(engine.network.enter([path]), {
    env: {
      PATH: `${directory}/ssh/local:${process.env.PATH}`,
      HOME: `${directory}/home`,
      // Nothing listens there, and nothing is to be started.
      DAVIT_SOCKET: `${directory}/home/none.sock`,
      ...env,
    },
  });
}
const davit = client('davit');

beforeAll(async () => {
  await engine.start();
  await loadBusybox(engine);
  ssh = await startSshServer(`${directory}/ssh`, engine.network, { DOCKER_HOST: engine.host });
  ssh.provide('davit', `${root}/bin/davit`);
  ssh.provide('node', process.execPath);
});
afterAll(async () => {
  await ssh?.stop();
  await engine.stop();
  await engine.discard();
  rmSync(directory, { recursive: true, force: true });
});

/** What a connection must carry: streams apart, input to its end, much output, and an exit code. */
async function expectToWork(one: Client, ...flags: string[]) {
  const script = 'cat; echo err >&2; dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr "\\0" x; exit 7';
  const answer = await one.with({ input: 'in' })(
    ...flags,
    'run',
    '--rm',
    '-i',
    'busybox',
    'sh',
    '-c',
    script,
  );
  expect(answer).toMatchObject({ code: 7, stderr: 'err\n' });
  expect(answer.stdout).toBe(`in${'x'.repeat(1024 * 1024)}`);
}

describe('TLS', () => {
  const verified = (folder: string) => ['--tlsverify', '-H', secure, ...filesOf(folder)];

  it('carries everything, with certificates by flags', () =>
    expectToWork(davit, ...verified(certificates.client)));

  it('is chosen by the environment, and by a context', async () => {
    const env = { DOCKER_HOST: secure, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates.client };
    expect(await client('davit', env).ok('version', '-f', '{{.Server.Os}}')).toBe('linux');
    const { ca, cert, key } = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };
    const files = Object.entries({ ca, cert, key }).map(
      ([name, file]) => `${name}=${certificates.client}/${file}`,
    );
    await davit.ok('context', 'create', 'secure', '--docker', [`host=${secure}`, ...files].join(','));
    expect(await davit.ok('--context', 'secure', 'version', '-f', '{{.Server.Os}}')).toBe('linux');
    expect(await client('docker').ok('--context', 'secure', 'version', '-f', '{{.Server.Os}}')).toBe('linux');
  });

  it('serves docker', () => expectToWork(client('docker'), ...verified(certificates.client)));

  it('tells who is not let in, and whom it does not trust', async () => {
    const none = await davit('--tls', '-H', secure, '--tlscacert', `${certificates.client}/ca.pem`, 'ps');
    const stranger = await davit(...verified(certificates.stranger), 'ps');
    for (const { code, stderr } of [none, stranger]) {
      expect(code).toBe(1);
      expect(stderr).toContain('The server probably has client authentication (--tlsverify) enabled');
    }
    const wrong = ['--tlsverify', '-H', secure, '--tlscacert', `${directory}/certificates/other.pem`, 'ps'];
    expect(await davit(...wrong)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('x509: certificate signed by unknown authority'),
    });
    expect(await davit(...wrong, '--nope')).toMatchObject({ code: 125 });
    expect((await davit('-H', secure, 'ps')).code).toBe(1);
  });

  it('is what an engine asks for beyond loopback', async () => {
    const flags = [
      '-H',
      `tcp://${otherAddress}:2375`,
      '--data-root',
      `${directory}/d`,
      '--exec-root',
      `${directory}/e`,
    ];
    const [program = '', ...args] = engine.network.enter([`${root}/bin/davitd`, ...flags]);
    const { code, stderr, stdout } = await run(program, args, { env: { PATH: process.env.PATH } });
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('--tls=false');
  });
});

describe('ssh', () => {
  it('carries everything to the davit of another machine', () => expectToWork(davit, '-H', ssh.address));

  it('finds an engine by its socket', async () => {
    const address = `${ssh.address}${engine.socket}`;
    expect(await davit.ok('-H', address, 'version', '-f', '{{.Server.Os}}')).toBe('linux');
    const gone = await davit('-H', `${ssh.address}/nosuch.sock`, 'ps');
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('unix:///nosuch.sock') });
  });

  it('tells what ssh says', async () => {
    const { code, stderr } = await davit('-H', 'ssh://127.0.0.1:1', 'ps');
    expect(code).toBe(1);
    expect(stderr).toContain('error during connect: ssh://127.0.0.1:1: ssh ended with exit status 255');
    expect(stderr).toContain('Connection refused');
  });

  it('does with docker on either side', async () => {
    ssh.provide('docker', `${root}/bin/davit`);
    expect(await client('docker').ok('-H', ssh.address, 'version', '-f', '{{.Server.Os}}')).toBe('linux');
    rmSync(`${directory}/ssh/remote/docker`);
    rmSync(`${directory}/ssh/remote/davit`);
    const { stdout } = await run('sh', ['-c', 'command -v docker']);
    ssh.provide('docker', stdout.trim());
    await expectToWork(davit, '-H', ssh.address);
  });
});

it('passes bytes through with system dial-stdio, an end of input too', async () => {
  const input = 'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const { code, stdout } = await davit.with({ input })('-H', engine.host, 'system', 'dial-stdio');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nOK$/);
});

it('sends the headers of config.json', async () => {
  writeFileSync(
    `${directory}/server.mjs`,
    `import http from 'node:http';
     http.createServer((request, answer) => {
       console.log(request.headers['x-team'], request.headers['user-agent']);
       answer.setHeader('Api-Version', '1.24').end('[]');
     }).listen(process.argv[2]);`,
  );
  const socket = `${directory}/headers.sock`;
  const server = start(process.execPath, [`${directory}/server.mjs`, socket]);
  mkdirSync(`${directory}/home/.docker`, { recursive: true });
  writeFileSync(
    `${directory}/home/.docker/config.json`,
    JSON.stringify({ HttpHeaders: { 'X-Team': 'blue' } }),
  );
  await waitFor(() => existsSync(socket), 'the server');
  await davit.ok('-H', `unix://${socket}`, 'ps');
  server.signal('SIGKILL');
  expect((await server.done).stdout).toMatch(/^blue /);
});

it('tells that the engine went away in the middle of a stream', async () => {
  const local = client('davit', { DOCKER_HOST: engine.host });
  const script = 'while true; do echo hello; sleep 0.1; done';
  await local.ok('run', '-d', '--name', 'talks', 'busybox', 'sh', '-c', script);
  const logs = local.start('logs', '-f', 'talks');
  const attached = local.start('attach', '--no-stdin', 'talks');
  const events = local.start('events', '--since', '1');
  // Whoever is attached shows something when the engine has also begun to wait for the container's end.
  await Promise.all([logs.prints('hello'), attached.prints('hello'), events.prints('container attach')]);
  await engine.crash();
  for (const { done } of [logs, attached, events]) {
    const { code, stderr } = await done;
    expect(code).toBe(1);
    expect(stderr).toMatch(/the connection to .* was lost|unexpected EOF/);
  }
  await engine.start();
  await local.ok('rm', '-f', 'talks');
});
