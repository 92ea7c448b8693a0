import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { createClient } from './support/client.ts';
import { root } from './support/engine.ts';

const base = mkdtempSync(`${tmpdir()}/davit-test-plugins-`);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const metadata = JSON.stringify({
  SchemaVersion: '0.1.0',
  Vendor: 'Acme',
  Version: 'v1.2',
  ShortDescription: 'Says hello',
});

/** Writes a plugin: a shell script that tells what it is, and does the rest. */
function plugin(path: string, rest: string, told = metadata): void {
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = docker-cli-plugin-metadata ]; then echo '${told}'; exit; fi\n${rest}\n`,
  );
  chmodSync(path, 0o755);
}

const own = `${base}/config/cli-plugins`;
const extra = `${base}/extra`;
for (const folder of [own, extra]) mkdirSync(folder, { recursive: true });
const tells = 'printf "[%s]" "$@"; echo " for $DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"; exit 3';
plugin(`${own}/docker-hello`, tells);
plugin(`${extra}/docker-extra`, tells);
plugin(`${own}/docker-bad`, tells, 'nonsense');
plugin(`${own}/docker-newer`, tells, metadata.replace('0.1.0', '9.0'));
plugin(`${own}/docker-ps`, tells);
plugin(`${own}/docker-waits`, 'trap "echo ended; exit 4" TERM; echo ready; while :; do sleep 0.05; done');
plugin(`${own}/docker-plain`, tells);
chmodSync(`${own}/docker-plain`, 0o644);
const config = (values: object) =>
  writeFileSync(`${base}/config/config.json`, JSON.stringify({ cliPluginsExtraDirs: [extra], ...values }));
config({});

const env = {
  PATH: process.env.PATH,
  HOME: base,
  DOCKER_CONFIG: `${base}/config`,
  DOCKER_HOST: 'unix:///nosuch',
};
const davit = createClient([`${root}/bin/davit`], { env });
const docker = createClient(['docker'], { env });

/** What both clients do, with what each calls itself left out. */
async function both(...args: string[]) {
  const neutral = ({ code, stdout, stderr }: Awaited<ReturnType<typeof davit>>) => ({
    code,
    stdout: stdout.replaceAll(/\S*\b(davit|docker)$/gm, 'CLI'),
    stderr: stderr.replaceAll(/davit|docker/g, 'CLI'),
  });
  return { davit: neutral(await davit(...args)), docker: neutral(await docker(...args)) };
}

describe('plugins', () => {
  it.each([
    ['hello', 'a', '--b'],
    ['-D', '--context', 'default', 'hello', 'x'],
    ['hello', '--help'],
    ['extra'],
    ['bad'],
    ['newer'],
    ['plain'],
    ['../config/cli-plugins/docker-hello'],
    ['info', '-f', '{{range .ClientInfo.Plugins}}{{.Name}} {{.Version}} {{with .Err}}{{.}}{{end}}|{{end}}'],
  ])('are what they are to docker: %s %s %s', async (...args) => {
    const answers = await both(...args.filter((arg) => arg !== undefined));
    // How JSON is wrong everyone tells in other words.
    const one = (answer: object) => JSON.stringify(answer).replace(/invalid metadata: [^|]*/, '');
    expect(one(answers.davit)).toBe(one(answers.docker));
  });

  it('take the place of the builder', async () => {
    config({ aliases: { builder: 'hello' } });
    for (const args of [
      ['builder', 'x'],
      ['build', '.'],
      ['image', 'build', '.'],
    ]) {
      const answers = await both(...args);
      expect(answers.davit).toEqual(answers.docker);
    }
    config({ aliases: { ll: 'hello -l' } });
    expect((await davit('ll', 'x')).stdout).toMatch(/^\[hello]\[-l]\[x] for/);
    config({});
  });

  it('are told of in help and info', async () => {
    const help = await davit.ok('--help');
    expect(help).toMatch(/Plugins:\n {2}extra\* +Says hello\n {2}hello\* +Says hello/);
    expect(help.replace(/\s+/g, ' ')).toContain(
      'docker-ps" is not valid: plugin "ps" duplicates builtin command',
    );
    expect((await davit('info')).stdout).toContain(
      `  hello: Says hello (Acme)\n    Version:  v1.2\n    Path:     ${own}`,
    );
    expect((await davit('help', 'hello', 'sub')).stdout).toMatch(/^\[help]\[hello]\[sub]/);
  });

  it('are told of signals', async () => {
    const waiting = davit.start('waits');
    await waiting.prints('ready');
    waiting.signal('SIGTERM');
    expect(await waiting.done).toMatchObject({ code: 4, stdout: 'ready\nended\n' });
  });
});

it('calls itself what it is called', async () => {
  symlinkSync(`${root}/bin/davit`, `${base}/docker`);
  const linked = createClient([`${base}/docker`], { env });
  expect(await linked.ok('--version')).toMatch(/^Docker version \d/);
  expect((await linked('ps', '--nope')).stderr).toBe((await docker('ps', '--nope')).stderr);
  expect((await linked('frobnicate')).stderr).toBe((await docker('frobnicate')).stderr);
  expect((await linked('rm')).stderr).toBe((await docker('rm')).stderr);
});

it('asks people whether they meant something else, and programs never', async () => {
  for (const [args, hint] of [
    [['pss'], 'Did you mean ps?'],
    [['image', 'lst'], 'Did you mean list or ls?'],
    [['ps', '--no-trunk'], 'Did you mean --no-trunc?'],
  ] as const) {
    const terminal = davit.terminal(...args);
    await terminal.shows(hint);
    await terminal.exit;
    expect((await davit(...args)).stderr).not.toContain('Did you mean');
  }
});
