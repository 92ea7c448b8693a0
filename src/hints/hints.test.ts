import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextFor } from '../context.fixture.ts';
import { CommandError } from '../exit.ts';
import { serveObjects } from '../format/template/testdata/engine.ts';
import { processStreams } from '../terminal/streams.ts';
import { hintFor } from './hints.ts';
import { holderOfPort } from './ports.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-hints-'));
const socket = join(directory, 'engine.sock');
let close: () => void;

const objects = {
  '/containers/json': [
    { Id: 'a', Names: ['/web'], Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }] },
    { Id: 'b', Names: ['/worker'] },
  ],
  '/images/json': [{ Id: 'c', RepoTags: ['busybox:latest', 'shop/web:1.0'] }],
  '/networks': [{ Name: 'frontend' }, { Name: 'bridge' }],
  '/volumes': { Volumes: [{ Name: 'data-db' }] },
  '/services': [{ ID: 'd', Spec: { Name: 'shop_api', Labels: { 'com.docker.stack.namespace': 'shop' } } }],
  '/nodes': [{ ID: 'e', Description: { Hostname: 'north' } }],
  '/secrets': [{ ID: 'f', Spec: { Name: 'password' } }],
  '/configs': [{ ID: 'g', Spec: { Name: 'settings' } }],
};

beforeAll(async () => {
  close = await serveObjects(objects, socket);
  mkdirSync(`${directory}/contexts/meta/x`, { recursive: true });
  writeFileSync(`${directory}/contexts/meta/x/meta.json`, '{"Name":"staging","Metadata":{},"Endpoints":{}}');
});
afterAll(() => {
  close();
  rmSync(directory, { recursive: true });
});

const streams = processStreams();
const hint = (message: string, host = `unix://${socket}`) =>
  hintFor(new CommandError(message), contextFor(host, directory, streams));

describe('a hint names what is near', () => {
  // The engine has all the time it needs.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['Error response from daemon: No such container: wob', 'Did you mean web?'],
    ['No such container: wob\nNo such container: worke', 'Did you mean web?\nDid you mean worker?'],
    ['Error response from daemon: No such image: busibox:latest', 'Did you mean busybox?'],
    ['pull access denied for busbox, repository does not exist', 'Did you mean busybox?'],
    ['Error response from daemon: network frontent not found', 'Did you mean frontend?'],
    ['Error response from daemon: get data-bd: no such volume', 'Did you mean data-db?'],
    ['Error: No such object: frontnd', 'Did you mean frontend?'],
    ['no such service: shop_apo', 'Did you mean shop_api?'],
    ['Error response from daemon: service shop_ap not found', 'Did you mean shop_api?'],
    ['no such task or service: shop_ap', 'Did you mean shop_api?'],
    ['network "fronted" is declared as external, but could not be found.', 'Did you mean frontend?'],
    ['nothing found in stack: shpo', 'Did you mean shop?'],
    ['Error: No such node: nort', 'Did you mean north?'],
    ['Error response from daemon: secret pasword not found', 'Did you mean password?'],
    ['secret not found: passwort', 'Did you mean password?'],
    ['Error: No such config: setings', 'Did you mean settings?'],
    ['Error: No such object: setings', 'Did you mean settings?'],
    ['context "stagin": context not found: open /x: no such file', 'Did you mean staging?'],
    ['Error response from daemon: No such container: zzz', ''],
    ['something else', ''],
  ])('%j', async (message, wanted) => {
    expect(await hint(message)).toBe(wanted);
  });
});

describe('a hint names who holds a port', () => {
  it('when it is a container', async () => {
    const wanted = 'Port 8080 is published by the container web.';
    expect(await hint('Bind for 0.0.0.0:8080 failed: port is already allocated')).toBe(wanted);
  });

  it('when it is a program of this machine', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const words = [
      `failed to bind host port for 127.0.0.1:${port}:172.30.0.2:80/tcp: address already in use`,
      `Error starting userland proxy: listen tcp4 127.0.0.1:${port}: bind: address already in use`,
    ];
    for (const message of words) {
      expect(await hint(message)).toMatch(
        new RegExp(`^Port ${port} is in use by .+ \\(PID ${process.pid}\\)\\.$`),
      );
    }
    await new Promise((resolve) => server.close(resolve));
    expect(holderOfPort(port)).toBe(null);
  });

  it('by what /proc tells of sockets that listen', () => {
    const proc = join(directory, 'proc');
    mkdirSync(`${proc}/net`, { recursive: true });
    mkdirSync(`${proc}/42/fd`, { recursive: true });
    const line = (local: string, state: string, inode: number) =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
    const header = '  sl  local_address rem_address   st ...';
    // A connection from a port does not hold it.
    writeFileSync(
      `${proc}/net/tcp`,
      [header, line('0100007F:1F90', '01', 7), line('00000000:0050', '0A', 8)].join('\n'),
    );
    writeFileSync(`${proc}/net/udp`, [header, line('00000000:0035', '07', 9)].join('\n'));
    writeFileSync(`${proc}/42/comm`, 'named\n');
    for (const inode of [7, 8, 9]) symlinkSync(`socket:[${inode}]`, `${proc}/42/fd/${inode}`);
    expect(holderOfPort(80, proc)).toEqual({ pid: 42, name: 'named' });
    expect(holderOfPort(53, proc)).toEqual({ pid: 42, name: 'named' });
    expect(holderOfPort(8080, proc)).toBe(null);
  });
});

describe('a hint tells how to be let in', () => {
  const refusal = 'permission denied while trying to connect to the Docker daemon socket at unix:///x';

  it('by the group of the socket', async () => {
    expect(await hint(`docker: ${refusal}`)).toMatch(
      /^Only root and the group of .*engine\.sock may use this engine: try/,
    );
  });

  it('where not even the socket can be looked at', async () => {
    expect(await hint(refusal, 'unix:///nonexistent/x.sock')).toBe(
      'Only root may look there: try again with sudo.',
    );
  });
});
