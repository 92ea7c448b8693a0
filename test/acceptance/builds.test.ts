import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { waitFor } from '../support/wait.ts';
import { debianRoot } from './debian.ts';
import { startHostEngine } from './host-engine.ts';

const { directory, davit, stop } = await startHostEngine();
const minutes = 60_000;

/** Packages come from where this machine gets them: what it says of that is given as secrets. */
const aptInstall = (packages: string) => `RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    --mount=type=secret,id=apt,target=/etc/apt/apt.conf.d/99-machine,mode=0444 \\
    apt-get update -qq && apt-get install -qq -y --no-install-recommends ${packages} >/dev/null`;

const sources = {
  c: {
    Dockerfile: `FROM debian:base AS compile
${aptInstall('gcc libc6-dev')}
COPY main.c /src/
RUN gcc -O2 -static -o /src/hello /src/main.c
FROM scratch
COPY --from=compile /src/hello /hello
ENTRYPOINT ["/hello"]
`,
    'main.c': `#include <stdio.h>
int main(int argc, char **argv) { printf("hello from C, %d arguments\\n", argc - 1); return 0; }
`,
  },
  node: {
    Dockerfile: `FROM debian:base AS base
${aptInstall('ca-certificates nodejs npm')}
FROM base AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npm,target=/root/.npmrc \\
    --mount=type=secret,id=authorities,target=/tmp/authorities,mode=0444 \\
    NODE_EXTRA_CA_CERTS=/tmp/authorities npm ci --omit=dev
FROM base
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER 1000
CMD ["node", "server.js"]
`,
    'package.json': JSON.stringify({
      ...{ name: 'service', version: '1.0.0', type: 'module' },
      dependencies: { picocolors: '^1.1.0', ws: '^8.18.0' },
    }),
    'server.js': `import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
const answer = \`hello from \${process.version}, ws is a \${typeof WebSocketServer}\\n\`;
const server = createServer((_, response) => response.end(answer));
server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port + '.'));
`,
  },
};

/** What this machine says of its package registries, in files. */
async function writeSettings(): Promise<string[]> {
  const settings = `${directory}/settings`;
  mkdirSync(settings);
  const apt = '/etc/apt/apt.conf.d';
  const own = readdirSync(apt).filter((name) => name.startsWith('99'));
  writeFileSync(`${settings}/apt`, own.map((name) => readFileSync(`${apt}/${name}`, 'utf8')).join('\n'));
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'], { env: process.env });
  writeFileSync(`${settings}/npm`, `registry=${registry.trim()}\n`);
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? '';
  writeFileSync(`${settings}/authorities`, existsSync(authorities) ? readFileSync(authorities) : '');
  return ['apt', 'npm', 'authorities'].flatMap((name) => ['--secret', `id=${name},src=${settings}/${name}`]);
}

let flags: string[] = [];

beforeAll(async () => {
  for (const [name, files] of Object.entries(sources)) {
    mkdirSync(`${directory}/${name}`);
    for (const [file, content] of Object.entries(files))
      writeFileSync(`${directory}/${name}/${file}`, content);
  }
  flags = ['--network', 'host', ...(await writeSettings())];
  await davit.ok('import', await debianRoot('base'), 'debian:base');
  const lock = ['--prefix', `${directory}/node`, 'install', '--package-lock-only'];
  const { code, stderr } = await run('npm', lock, { env: process.env, timeout: 5 * minutes });
  expect(code, stderr).toBe(0);
}, 20 * minutes);
afterAll(stop);

describe('what is really built', () => {
  it(
    'is a program in C that ends up alone in its image',
    async () => {
      await davit.ok('build', ...flags, '-t', 'hello', `${directory}/c`);
      const hello = ['run', '--rm', '--network', 'none', 'hello', 'a', 'b'];
      expect(await davit.ok(...hello)).toBe('hello from C, 2 arguments');
      expect(Number(await davit.ok('inspect', '-f', '{{.Size}}', 'hello'))).toBeLessThan(2_000_000);
    },
    10 * minutes,
  );

  it(
    'is a service in Node.js with its packages',
    async () => {
      await davit.ok('build', ...flags, '-t', 'service', `${directory}/node`);
      await davit.ok('run', '-d', '--network', 'host', '--name', 'service', 'service');
      const [, port] = await waitFor(
        async () => /^listening on (\d+)\.$/.exec(await davit.ok('logs', 'service')),
        'the service to listen',
      );
      const answer = await (await fetch(`http://127.0.0.1:${port}/`)).text();
      expect(answer).toMatch(/^hello from v\d+\.\d+\.\d+, ws is a function\n$/);
      const again = await davit.ok('build', ...flags, '-t', 'service', `${directory}/node`);
      expect(again.match(/Using cache/g)).toHaveLength(9);
      await davit.ok('rm', '-f', 'service');
    },
    10 * minutes,
  );
});
