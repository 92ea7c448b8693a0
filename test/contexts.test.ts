import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';

const base = mkdtempSync(`${tmpdir()}/davit-test-contexts-`);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const programs = { davit: `${root}/bin/davit`, docker: 'docker' };
type Program = keyof typeof programs;

/** Runs a script with a client as `$CLI`, in a folder and with a configuration that may be of another client. */
async function script(program: Program, folder: string, text: string) {
  const directory = `${base}/${folder}`;
  const { code, stdout, stderr } = await run(
    'sh',
    ['-c', `mkdir -p ${directory}; cd ${directory}; ${text}`],
    {
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        DOCKER_CONFIG: `${directory}/config`,
        // No engine is spoken to, so it may be said to be where docker's is.
        DAVIT_SOCKET: '/var/run/docker.sock',
        CLI: programs[program],
        TLS: `${base}/tls`,
      },
    },
  );
  const neutral = (output: string) =>
    output.replaceAll(`${base}/${folder}`, 'BASE').replaceAll(/davit|docker/g, 'CLI');
  return { code, stdout: neutral(stdout), stderr: neutral(stderr) };
}

/** Two contexts, one of them with TLS material. */
const box = '$CLI context create box --docker host=tcp://1.2.3.4:2375 --description "a box" >/dev/null 2>&1;';
const lab =
  '$CLI context create lab --docker host=tcp://lab:2376,ca=$TLS/ca.pem,cert=$TLS/cert.pem,key=$TLS/key.pem >/dev/null 2>&1;';

beforeAll(async () => {
  const tls = `${base}/tls`;
  await run('mkdir', ['-p', tls]);
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-days', '1'];
  await run('openssl', [...request, '-keyout', `${tls}/key.pem`, '-out', `${tls}/cert.pem`]);
  await run('cp', [`${tls}/cert.pem`, `${tls}/ca.pem`]);
});

describe.concurrent('davit does what docker does with', () => {
  it.for([
    '$CLI context ls',
    '$CLI context create box',
    '$CLI context create x',
    '$CLI context create "a b"',
    '$CLI context create ""',
    '$CLI context create default',
    '$CLI context create box --docker host=ftp://x',
    '$CLI context create box --docker foo=bar',
    '$CLI context create box --docker host',
    '$CLI context create box --docker host=localhost',
    '$CLI context create box --docker host=npipe:////./pipe/x',
    '$CLI context create box --docker host=tcp://x,ca=/nosuch',
    '$CLI context create box --docker host=tcp://x,skip-tls-verify=perhaps',
    '$CLI context create box --docker from=nosuch',
    '$CLI context create box --from nosuch',
    `${box} $CLI context create box`,
    `${box} $CLI context create new --from box; $CLI context inspect new`,
    `${box} $CLI context create new --from box --docker host=tcp://x`,
    `${box} $CLI context create new --docker from=box --description new; $CLI context inspect new`,
    `${lab} $CLI context create new --from lab; $CLI context inspect new; find config -type f -printf '%P %m\n' | sort`,
    '$CLI context create new --docker host=tcp://a --docker skip-tls-verify=true; $CLI context inspect new',
    `${box} for n in b2 b10 B1 a_b a-b a.b; do $CLI context create $n --from box; done; $CLI context ls -q`,
    `${box}${lab} $CLI context ls --format json`,
    `${box}${lab} $CLI context ls --format 'table {{.Name}}\t{{.Current}}\t{{.DockerEndpoint}}'`,
    `${box} $CLI context ls --format '{{.Nope}}'`,
    `${box} DOCKER_HOST=tcp://1:1 $CLI context ls`,
    `${box} DOCKER_CONTEXT=box $CLI context ls`,
    `${box} DOCKER_CONTEXT=nosuch $CLI context ls`,
    `${box} $CLI --context box context ls`,
    `${box} $CLI --context box -H tcp://1:1 context ls`,
    `${box} $CLI -H tcp://1:1 context ls`,
    `${box}${lab} $CLI context inspect lab nosuch box`,
    `${lab} $CLI context inspect -f '{{.}} {{.Endpoints.docker.Host}} {{.Metadata}}' lab`,
    `${lab} $CLI context inspect -f '{{json .}}' lab`,
    `${lab} $CLI context inspect -f '{{.Nope}}' lab`,
    `${lab} $CLI context inspect -f '{{.Metadata.Metadata.Description}}' lab`,
    `${box} $CLI context inspect -f json box`,
    '$CLI context inspect',
    `${box} $CLI context use box; cat config/config.json; $CLI context show; $CLI context ls; $CLI context use default; cat config/config.json`,
    `${box} DOCKER_HOST=tcp://1:1 $CLI context use box; DOCKER_HOST=tcp://1:1 $CLI context show`,
    '$CLI context use nosuch',
    '$CLI context use ""',
    '$CLI context use default; ls config',
    'DOCKER_CONTEXT=nosuch $CLI context show',
    `${box} $CLI context use box; $CLI context rm box; $CLI context rm -f box; $CLI context show`,
    `${box}${lab} $CLI context rm nosuch lab default; $CLI context ls; ls config/contexts/tls`,
    '$CLI context rm -f nosuch',
    `${box} $CLI context update box --description other; $CLI context inspect box`,
    `${lab} $CLI context update lab --docker host=tcp://new; $CLI context inspect lab`,
    `${box} $CLI context update box --docker nope=1; $CLI context update box --description ""; $CLI context inspect box`,
    '$CLI context update nosuch; $CLI context update default',
    `${lab} $CLI context export lab; (tar tvf lab.dockercontext; tar xOf lab.dockercontext meta.json) 2>/dev/null; $CLI context export lab`,
    `${lab} $CLI context export lab out.tar; $CLI context import two out.tar; $CLI context inspect two; $CLI context import lab out.tar`,
    `${lab} $CLI context export lab - | $CLI context import two -; $CLI context inspect two`,
    '$CLI context export nosuch; $CLI context export default -| tar xO meta.json',
    '$CLI context import new /dev/null',
    '$CLI context import new nosuch',
    'touch evil; echo {} > meta.json; tar cf e.tar meta.json evil; $CLI context import new e.tar',
    '$CLI context import default x; $CLI context import "a b" x',
    `${box} $CLI context use box; $CLI ps -q --no-trunc --format x -x`,
    '$CLI --context nosuch ps',
    '$CLI context nosuch',
    '$CLI context rm',
  ])('%s', async (text, { expect }) => {
    const folder = `case-${Math.random().toString(36).slice(2)}`;
    const [davit, docker] = await Promise.all([
      script('davit', `${folder}-davit`, text),
      script('docker', `${folder}-docker`, text),
    ]);
    expect(davit).toEqual(docker);
  });
});

it('shares its contexts with docker', async () => {
  await script('davit', 'shared', box + lab);
  const made = await script('docker', 'shared', '$CLI context use lab; $CLI context create dock --from box');
  expect(made.stderr).toContain('Successfully created context "dock"');
  const seen = await script('davit', 'shared', '$CLI context ls; $CLI context inspect box lab dock');
  expect(seen).toEqual(
    await script('docker', 'shared', '$CLI context ls; $CLI context inspect box lab dock'),
  );
  const taken = await script(
    'docker',
    'shared',
    `${programs.davit} context export lab l.tar; $CLI context import other l.tar; $CLI context inspect -f '{{.TLSMaterial}}' other`,
  );
  expect(taken.stdout).toContain('map[CLI:[ca.pem cert.pem key.pem]]');
});

it('reads zip archives, and leaves nothing of a bad one', async () => {
  const folder = `${base}/zip`;
  await run('mkdir', ['-p', folder]);
  writeFileSync(
    `${folder}/make.py`,
    [
      'import zipfile',
      "with zipfile.ZipFile('good.zip', 'w', zipfile.ZIP_DEFLATED) as z:",
      '  z.writestr(\'meta.json\', \'{"Name":"a","Endpoints":{"docker":{"Host":"tcp://zip:1"}}}\')',
      "  z.writestr('tls/docker/ca.pem', 'x' * 1000)",
      "with zipfile.ZipFile('bad.zip', 'w') as z:",
      "  z.writestr('meta.json', '{}')",
      "  z.writestr('tls/docker/../../../x', 'x')",
    ].join('\n'),
  );
  await run('python3', ['make.py'], { cwd: folder });
  const text =
    "$CLI context import zip good.zip; $CLI context inspect -f '{{.Endpoints.docker.Host}} {{.TLSMaterial.docker}}' zip; " +
    '$CLI context import bad bad.zip; $CLI context ls -q';
  const { stdout, stderr } = await script('davit', 'zip', text);
  expect(stdout).toBe('zip\ntcp://zip:1 [ca.pem]\ndefault\nzip\n');
  expect(stderr).toContain('tls/CLI/../../../x: unexpected context file');
});
