import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Background, run, start } from './support/command.ts';
import { tar } from './support/image.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ client: 'davit' });

const site = `${engine.directory}/site`;
const port = 8099;
const address = `http://127.0.0.1:${port}`;

/** Serves the files of a folder, where the engine can reach it, and tells what was asked for. */
const server = `
  const { createServer } = require('node:http');
  const { readFileSync } = require('node:fs');
  const seen = [];
  createServer((request, response) => {
    if (request.url === '/seen') return response.end(JSON.stringify(seen));
    seen.push(request.url);
    try {
      response.end(readFileSync(${JSON.stringify(site)} + request.url.split('?')[0]));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }).listen(${port}, '127.0.0.1', () => console.log('ready'));
`;
let serving: Background;

beforeAll(async () => {
  mkdirSync(`${site}/work/inner`, { recursive: true });
  const [program = '', ...args] = engine.network.enter([process.execPath, '-e', server]);
  serving = start(program, args, { timeout: 2 ** 31 - 1 });
  await serving.prints('ready');
  const files = {
    Dockerfile: 'FROM busybox\nCOPY . /all/\nRUN ls -A /all; cat /all/f\n',
    f: 'of the top',
    'inner/Dockerfile': 'FROM busybox\nCOPY f /\nRUN cat /f\n',
    'inner/f': 'of the folder',
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(`${site}/work/${path}`, content);
  const git = async (...args: string[]) => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main'];
    const { code, stderr } = await run('git', [...identity, ...args]);
    expect(code, stderr).toBe(0);
  };
  const work = ['-C', `${site}/work`];
  await git(...work, 'init', '-q');
  await git(...work, 'add', '.');
  await git(...work, 'commit', '-qm', 'first');
  await git('clone', '-q', '--bare', `${site}/work`, `${site}/repo.git`);
  await git('-C', `${site}/repo.git`, 'update-server-info');
  writeFileSync(
    `${site}/context.tar`,
    await tar([
      { name: 'Dockerfile', content: 'FROM busybox\nCOPY a /\nRUN cat /a\n' },
      { name: 'a', content: 'of an archive' },
    ]),
  );
  writeFileSync(`${site}/Dockerfile`, 'FROM busybox\nRUN echo of a Dockerfile alone\n');
});
afterAll(async () => {
  serving?.signal('SIGKILL');
  await serving?.done;
});

describe('a context that the engine fetches', () => {
  it.each([
    ['an archive', '/context.tar', 'of an archive'],
    ['a Dockerfile', '/Dockerfile', '\nof a Dockerfile alone\n'],
    ['a repository', '/repo.git', 'Dockerfile\nf\ninner\nof the top'],
    ['a folder of a repository', '/repo.git#main:inner', 'of the folder'],
  ])('is %s', async (_, path, text) => {
    expect(await davit.ok('build', '--network', 'none', `${address}${path}`)).toContain(text);
  });

  it('is refused where there is none', async () => {
    const build = async (path: string) => (await davit('build', `${address}${path}`)).stderr;
    expect(await build('/nosuch.tar')).toContain(`failed to GET ${address}/nosuch.tar with status 404`);
    expect(await build('/repo.git#nosuch')).toContain(`failed to fetch ${address}/repo.git`);
    expect(await build('/repo.git#main:nosuch')).toContain('there is no folder nosuch in the repository');
    expect((await davit('build', 'http://127.0.0.1:1/')).stderr).toContain(
      'cannot download http://127.0.0.1:1/',
    );
  });

  it('is added by ADD: a repository, a folder of it, and a file', async () => {
    const dockerfile = [
      'FROM busybox',
      `ADD ${address}/repo.git#main:inner /folder/`,
      `ADD ${address}/repo.git /all/`,
      `ADD ${address}/work/f /file`,
      'RUN ls -A /folder; cat /folder/f; ls -A /all; cat /file',
    ];
    const text = await davit.with({ input: dockerfile.join('\n') }).ok('build', '--network', 'none', '-');
    expect(text).toContain('\nDockerfile\nf\nof the folder');
    expect(text).toContain('Dockerfile\nf\ninner\nof the top');
  });

  it('is fetched once by an ADD', async () => {
    const folder = `${engine.directory}/adds`;
    mkdirSync(folder);
    writeFileSync(`${folder}/Dockerfile`, `FROM busybox\nADD ${address}/work/f?once /file\nRUN cat /file\n`);
    expect(await davit.ok('build', '--network', 'none', folder)).toContain('of the top');
    const [program = '', ...args] = engine.network.enter(['curl', '-s', `${address}/seen`]);
    const seen = JSON.parse((await run(program, args)).stdout) as string[];
    expect(seen.filter((url) => url.includes('once'))).toEqual(['/work/f?once']);
  });
});
