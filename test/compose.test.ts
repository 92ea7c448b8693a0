import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const project = `
version: "3"
services:
  web:
    image: busybox
    command: sh -c 'mkdir /www; echo served > /www/index.html; echo begun; exec httpd -f -p 80 -h /www'
    networks: [front]
    stop_signal: SIGKILL
  app:
    image: busybox
    command: sleep 1000
    depends_on: [web]
    networks: [front, back]
    stop_signal: SIGKILL
networks:
  front: {}
  back: { internal: true }
`;

describe('docker-compose', async () => {
  const { davit, engine } = await useEngine();

  it('brings an application up, scales it, and takes it down', async () => {
    const folder = mkdtempSync(`${tmpdir()}/davit-test-compose-`);
    writeFileSync(`${folder}/docker-compose.yml`, project);
    const env = { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: engine.host };
    const compose = async (...args: string[]) => {
      const flags = ['-f', `${folder}/docker-compose.yml`, '--ansi', 'never', ...args];
      const result = await run('docker-compose', flags, { env, timeout: 60_000 });
      expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0);
      return result.stdout;
    };
    const name = basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, '');
    try {
      await compose('up', '-d');
      expect(await compose('ps')).toMatch(/app[-_]1 .*Up/);
      const fetched = () =>
        compose('exec', '-T', 'app', 'wget', '-q', '-O', '-', 'http://web/').catch(() => '');
      await waitFor(async () => (await fetched()) === 'served\n', 'the page');
      expect(await compose('logs', 'web')).toContain('begun');
      await compose('up', '-d', '--scale', 'web=3');
      const found = await compose('exec', '-T', 'app', 'nslookup', '-type=a', 'web');
      expect(found.match(/^Address: /gm)).toHaveLength(3);
      await compose('down', '-v');
      expect(await davit('network', 'ls', '-q', '-f', `name=${name}`)).toMatchObject({ stdout: '' });
      expect(await davit('ps', '-aq')).toMatchObject({ stdout: '' });
    } finally {
      await compose('down', '-v');
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
