import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { networkNamespace } from './support/network-namespace.ts';

const network = networkNamespace();

describe('the quickstart', () => {
  beforeAll(() => network.create());
  afterAll(() => network.remove());

  it('serves a page from a container, shows it and leaves nothing behind', async () => {
    const [program = '', ...args] = network.enter([process.execPath, 'scripts/tour.ts']);
    const { code, stdout, stderr } = await run(program, args, { env: process.env });
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('<h1>Hello from a container</h1>');
    expect(stdout).toMatch(/GET \/|response:200/);
    const [, directory = ''] = /(\/\S*davit-quickstart-\w+)/.exec(stdout) ?? [];
    expect(directory).not.toBe('');
    expect(existsSync(directory)).toBe(false);
    const { stdout: processes } = await run('pgrep', ['-f', directory]);
    expect(processes).toBe('');
    const [ip = '', ...list] = network.enter(['ip', '-brief', 'link']);
    expect((await run(ip, list)).stdout.split('\n').filter((line) => line && !line.startsWith('lo'))).toEqual(
      [],
    );
    const [nft = '', ...ruleset] = network.enter(['nft', 'list', 'ruleset']);
    expect((await run(nft, ruleset)).stdout).toBe('');
  });
});
