import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { BuildInspect } from '@davit/api';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientFor } from './support/client.ts';
import { tar } from './support/image.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ engine: 'davitd', client: 'davit' });
const docker = clientFor('docker', engine).with({ env: { DOCKER_BUILDKIT: '0' } });

const folder = `${engine.directory}/context`;
const packs = () => readdirSync(`${engine.dataRoot}/build/contexts`).filter((name) => name.endsWith('.tar'));

/** Builds the folder; returns how many bytes of it were sent, and what was printed. */
async function build(...args: string[]): Promise<{ sent: number; text: string }> {
  const text = await davit.ok('build', '--network', 'none', ...args, folder);
  const { BuildSteps } = JSON.parse(await davit.ok('builder', 'inspect', '-f', '{{json .}}')) as BuildInspect;
  return { sent: BuildSteps[0]?.Bytes ?? 0, text };
}

const listing = 'find /all -exec stat -c "%n %a %Y %s %F" {} +; readlink /all/link; cat /all/new/file';

beforeAll(() => {
  mkdirSync(`${folder}/deep/inner`, { recursive: true });
  mkdirSync(`${folder}/new`);
  const dockerfile = `FROM busybox\nCOPY . /all/\nRUN ${listing}\nRUN --mount=type=bind,target=/c cmp /c/big /all/big\n`;
  writeFileSync(`${folder}/Dockerfile`, dockerfile);
  writeFileSync(`${folder}/big`, Buffer.alloc(3_000_000, 'big'));
  writeFileSync(`${folder}/huge`, Buffer.alloc(5_000_000, 'huge'));
  writeFileSync(`${folder}/deep/inner/ünïcode 名`, 'x'.repeat(200_000));
  writeFileSync(`${folder}/deep/empty`, '');
  writeFileSync(`${folder}/deep/program`, '#!/bin/sh\n');
  chmodSync(`${folder}/deep/program`, 0o4750);
  utimesSync(`${folder}/deep/program`, 1e9, 1e9);
  symlinkSync('deep/../big', `${folder}/link`);
});

describe('a context of which the engine has parts', () => {
  it('is sent without them', async () => {
    writeFileSync(`${folder}/new/file`, 'first\n');
    expect((await build()).sent).toBeGreaterThan(8_000_000);
    expect(packs()).toHaveLength(1);
    writeFileSync(`${folder}/new/file`, 'second\n');
    const { sent, text } = await build();
    expect(sent).toBeLessThan(10_000);
    expect(text).toContain('/all/big 644 ');
    expect(text).toMatch(/\n\/all\/deep\/program 4750 1000000000 10 regular file\n/);
    expect(text).toMatch(/\/ünïcode 名 644 \d+ 200000 regular file\n/);
    expect(text).toMatch(/\ndeep\/\.\.\/big\nsecond\n/);
    // What is small is sent again, and no more is kept for it.
    expect(packs()).toHaveLength(1);
  });

  it('is the same as one that was sent', async () => {
    const { stdout } = await docker('build', '--network', 'none', folder);
    expect(stdout.match(/Using cache/g)).toHaveLength(3);
    await davit.ok('builder', 'prune', '-af');
    expect(packs()).toEqual([]);
    expect((await build()).sent).toBeGreaterThan(8_000_000);
    writeFileSync(`${folder}/.dockerignore`, 'deep\n');
    writeFileSync(`${folder}/moved`, Buffer.alloc(3_000_000, 'big'));
    // Files are known by what is in them, whatever they are called, and those that are ignored do not go along.
    const { sent, text } = await build();
    expect(sent).toBeLessThan(10_000);
    expect(text).toContain('/all/moved 644 ');
    expect(text).not.toContain('/all/deep');
    rmSync(`${folder}/.dockerignore`);
    rmSync(`${folder}/moved`);
  });

  it('is known after the engine was killed, and sent when it is lost', async () => {
    await engine.crash();
    await engine.start();
    expect((await build()).sent).toBeLessThan(10_000);
    for (const name of packs()) rmSync(`${engine.dataRoot}/build/contexts/${name}`);
    expect((await build()).sent).toBeGreaterThan(8_000_000);
  });

  it('has its Dockerfile elsewhere', async () => {
    writeFileSync(`${engine.directory}/Other`, 'FROM busybox\nCOPY new /new\n');
    const { sent, text } = await build('-f', `${engine.directory}/Other`);
    expect(sent).toBeLessThan(10_000);
    expect(text).toContain('COPY new /new');
    expect(await davit.ok('builder', 'du', '--verbose')).toContain('source.local');
  });
});

describe('a further context', () => {
  it('is sent without what the engine has of it', async () => {
    const shared = `${engine.directory}/shared`;
    mkdirSync(shared);
    writeFileSync(`${shared}/large`, Buffer.alloc(2_000_000, 'shared'));
    const input = 'FROM busybox\nCOPY --from=shared large /\nRUN wc -c /large\n';
    const client = davit.with({ input });
    const flags = ['build', '--network', 'none', '--no-cache', '--build-context', `shared=${shared}`, '-'];
    const before = packs().length;
    for (let turn = 0; turn < 2; turn += 1) expect(await client.ok(...flags)).toContain('2000000 /large');
    expect(packs()).toHaveLength(before + 1);
    writeFileSync(`${shared}/Dockerfile`, 'FROM busybox\nCOPY large /\n');
    // The same files are known, whatever they are the context of.
    expect(await davit.ok('build', '--network', 'none', shared)).toMatch(
      /^Sending build context .* [23]\.\d+kB/,
    );
  });
});

describe('a list of a context that is not to be trusted', () => {
  const digest = 'a'.repeat(64);
  const post = (text: string) => engine.request('POST', '/davit/build-contexts', text);

  it.each([
    ['["../x","f",420,0,1,"D"]', 'outside of it'],
    ['["/x","f",420,0,1,"D"]', 'outside of it'],
    ['["a/../b","f",420,0,1,"D"]', 'outside of it'],
    ['["x","c",420,0,1,"D"]', 'invalid list of a build context'],
    ['["x","f",420,0,-1,"D"]', 'invalid list of a build context'],
    ['["x","f",99999,0,1,"D"]', 'invalid list of a build context'],
    ['["x","f",420,0,1,"../../etc/passwd"]', 'invalid list of a build context'],
    ['{"x":1}', 'invalid list of a build context'],
    ['nothing', 'invalid list of a build context'],
  ])('is refused: %s', async (line, message) => {
    const { status, body } = await post(`${line.replace('D', digest)}\n`);
    expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining(message) });
  });

  it('does not build what was not sent, or stands in the way of itself', async () => {
    expect(await engine.request('POST', '/build?davitcontext=none', '')).toMatchObject({ status: 404 });
    const file = (path: string) => [path, 'f', 420, 0, 1, digest];
    const lists: [list: unknown[], message: RegExp][] = [
      [[file('Dockerfile')], /the build context lacks \\"Dockerfile\\"/],
      [[['d', 'l', 511, 0, 0, '/etc'], file('d/x')], /is in the way of another/],
      [
        [
          ['d', 'd', 493, 0, 0, ''],
          ['d', 'd', 493, 0, 0, ''],
        ],
        /is in the way of another/,
      ],
    ];
    for (const [list, message] of lists) {
      const lines = list.map((line) => `${JSON.stringify(line)}\n`).join('');
      const { id, close } = await open(lines);
      const { status, body } = await engine.request('POST', `/build?davitcontext=${id}`, await tar([]));
      close();
      expect({ status, body }).toEqual({ status: 400, body: expect.stringMatching(message) });
    }
  });

  /** Gives a list, and keeps it open. */
  function open(lines: string): Promise<{ id: string; close(): void }> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { socketPath: engine.socket, method: 'POST', path: '/davit/build-contexts' },
        (answer) => {
          answer.once('data', (line: Buffer) => {
            const { ID } = JSON.parse(line.toString()) as { ID: string };
            resolve({ id: ID, close: () => asked.destroy() });
          });
          answer.on('error', () => undefined);
        },
      );
      asked.on('error', reject).end(lines);
    });
  }
});
