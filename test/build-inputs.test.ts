import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ client: 'davit' });

const folder = (name: string, files: Record<string, string>): string => {
  const path = `${engine.directory}/${name}`;
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(`${path}/${file}`, content);
  return path;
};
const build = (dockerfile: string, ...args: string[]) =>
  davit.with({ input: dockerfile })('build', '--network', 'none', ...args, '-');
const built = async (dockerfile: string, ...args: string[]) => {
  const { code, stdout, stderr } = await build(dockerfile, ...args);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

describe('what a build is given besides its context', () => {
  it('gives secrets to RUN and to nobody else', async () => {
    const secret = 'correct horse battery staple';
    const other = 'tr0ub4dor and three';
    const keys = folder('keys', { key: secret });
    const digest = (text: string) => createHash('sha1').update(text).digest('hex');
    const dockerfile = [
      'FROM busybox',
      'RUN --mount=type=secret,id=key,mode=0444,uid=7 sha1sum < /run/secrets/key; stat -c %a:%u /run/secrets/key',
      'RUN --mount=type=secret,id=other,target=/deep/inside/other sha1sum < /deep/inside/other',
      'RUN --mount=type=secret,id=other,env=OTHER printf %s "$OTHER" | sha1sum; ls /run /deep 2>&1; true',
    ].join('\n');
    const flags = ['--secret', `id=key,src=${keys}/key`, '--secret', 'id=other,env=GIVEN'];
    const text = await davit
      .with({ input: dockerfile, env: { GIVEN: other } })
      .ok('build', '--network', 'none', '-t', 'kept', ...flags, '-');
    expect(text).toContain(`${digest(secret)}  -\n444:7\n`);
    expect(text.match(new RegExp(`${digest(other)}  -\n`, 'g'))).toHaveLength(2);
    expect(text).toContain('/deep: No such file or directory');
    for (const one of [secret, other]) {
      expect(text).not.toContain(one);
      for (const place of [engine.dataRoot, engine.execRoot, `${engine.directory}/log`])
        expect((await run('grep', ['-rlaF', one, place])).stdout).toBe('');
      expect(await davit.ok('history', '--no-trunc', 'kept')).not.toContain(one);
    }
    expect((await davit.ok('builder', 'inspect')).includes(secret)).toBe(false);
    const missing = await build('FROM busybox\nRUN --mount=type=secret,id=key,required=true true\n');
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('secret key: not found') });
    expect((await build('FROM busybox\n', '--secret', 'src=/nosuch')).stderr).toContain(
      'failed to read secret',
    );
  });

  it('leads RUN to the SSH agent of the client', async () => {
    const socket = `${engine.directory}/agent.sock`;
    const agent = createServer((connection) => {
      connection.on('data', (data) => connection.write(`answer to ${data}`));
    }).listen(socket);
    try {
      const text = "FROM busybox\nRUN --mount=type=ssh [ -S $SSH_AUTH_SOCK ] && echo be''gun && sleep 1000\n";
      const building = davit
        .with({ input: text })
        .start('build', '--network', 'none', '--ssh', `default=${socket}`, '-');
      await building.prints('begun');
      const [id = ''] = readdirSync(`${engine.execRoot}/agents`);
      const ask = (question: string) =>
        new Promise((resolve, reject) => {
          const connection = connect(`${engine.execRoot}/agents/${id}/0`);
          connection.once('error', reject).once('data', (data) => {
            resolve(String(data));
            connection.end();
          });
          connection.write(question);
        });
      const questions = ['one', 'two', 'three', 'four', 'five'];
      expect(await Promise.all(questions.map(ask))).toEqual(questions.map((one) => `answer to ${one}`));
      building.signal('SIGINT');
      await building.done;
      await expect.poll(() => readdirSync(`${engine.execRoot}/agents`)).toEqual([]);
    } finally {
      agent.close();
    }
    const without = await build('FROM busybox\nRUN --mount=type=ssh,required=true true\n');
    expect(without.stderr).toContain('unset ssh forward key default');
  });

  it('takes further contexts: folders and images under other names', async () => {
    const more = folder('more', { a: 'from more', b: 'left out', '.dockerignore': 'b\n' });
    await built('FROM busybox\nRUN echo other > /which\n', '-t', 'other');
    const dockerfile =
      'FROM alpine\nCOPY --from=more . /all/\nRUN --mount=type=bind,from=more,target=/m cat /m/a /which; ls /all\n';
    const flags = ['--build-context', `more=${more}`, '--build-context', 'alpine=docker-image://other'];
    const first = await built(dockerfile, ...flags);
    expect(first).toContain('from moreother\na\n');
    expect((await built(dockerfile, ...flags)).match(/Using cache/g)).toHaveLength(2);
    writeFileSync(`${more}/a`, 'changed');
    expect(await built(dockerfile, ...flags)).toContain('changedother');
    const refused = await build(dockerfile, '--build-context', 'more=/nosuch');
    expect(refused.stderr).toContain('failed to get build context more');
  });

  it('builds the stages anew that it is told to', async () => {
    const dockerfile =
      'FROM busybox AS one\nRUN echo 1 > /1\nFROM busybox\nRUN echo 2 > /2\nCOPY --from=one /1 /\n';
    await built(dockerfile);
    expect((await built(dockerfile)).match(/Using cache/g)).toHaveLength(3);
    const again = await built(dockerfile, '--no-cache-filter', 'one');
    expect(again.match(/Using cache/g)).toHaveLength(2);
    expect(again).toContain('Running in');
  });

  it('writes the result where it is told to', async () => {
    const dockerfile =
      'FROM busybox AS one\nRUN echo hi > /f; chmod 751 /f; ln -s f /l\nFROM scratch\nCOPY --from=one /f /l /out/\n';
    const target = `${engine.directory}/result`;
    const metadata = `${engine.directory}/metadata.json`;
    await built(dockerfile, '-o', target, '--metadata-file', metadata, '-t', 'result');
    expect(readdirSync(target)).toEqual(['out']);
    expect(statSync(`${target}/out/f`).mode & 0o7777).toBe(0o751);
    expect(JSON.parse(readFileSync(metadata, 'utf8'))).toEqual({
      'containerimage.config.digest': await davit.ok('inspect', '-f', '{{.Id}}', 'result'),
      'image.name': 'result',
    });
    const archive = `${engine.directory}/result.tar`;
    await built(dockerfile, '-o', `type=tar,dest=${archive}`);
    expect((await run('tar', ['-tf', archive])).stdout).toBe('out/\nout/f\nout/l\n');
    const piped = await run(
      'sh',
      [
        '-c',
        `"$0" build -q --network none -o - - < "$1" | tar -tf -`,
        ...davit.argv,
        `${folder('piped', { Dockerfile: dockerfile })}/Dockerfile`,
      ],
      { env: davit.env },
    );
    expect(piped.stdout).toBe('out/\nout/f\nout/l\n');
    await built(dockerfile, '-o', `type=oci,dest=${archive}`);
    expect((await run('tar', ['-tf', archive])).stdout).toContain('oci-layout\n');
    expect((await build(dockerfile, '-o', 'type=registry')).stderr).toContain('type "registry" is not known');
  });
});
