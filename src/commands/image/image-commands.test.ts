import { describe, expect, test } from 'vitest';
import { fullImageName, splitImageName } from '../image-name.ts';
import { checkOptions, withoutLineEnd } from '../login.ts';
import { serverFor } from '../login-server.ts';
import { parseArguments } from '../parser.ts';
import { prunedImages } from '../prune.ts';
import { serverOfImage } from '../registry-auth.ts';
import { historyTemplate } from './history.ts';
import prune from './prune.ts';
import pull from './pull.ts';
import push from './push.ts';
import save from './save.ts';

describe('names of images', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  test.each([
    ['busybox', ['busybox', '', ''], 'docker.io/library/busybox'],
    ['busybox:1', ['busybox', '1', ''], 'docker.io/library/busybox:1'],
    ['team/app:1', ['team/app', '1', ''], 'docker.io/team/app:1'],
    ['host:5000/app', ['host:5000/app', '', ''], 'host:5000/app'],
    ['host:5000/app:1', ['host:5000/app', '1', ''], 'host:5000/app:1'],
    ['localhost/app', ['localhost/app', '', ''], 'localhost/app'],
    [`app:1@${digest}`, ['app', '1', digest], `docker.io/library/app:1@${digest}`],
    ['index.docker.io/app', ['index.docker.io/app', '', ''], 'docker.io/library/app'],
  ] as const)('%s', (text, [repository, tag, found], full) => {
    expect(splitImageName(text)).toEqual({ repository, tag, digest: found });
    expect(fullImageName(splitImageName(text))).toBe(full);
  });

  test.each([
    ['busybox', 'https://index.docker.io/v1/'],
    ['team/app', 'https://index.docker.io/v1/'],
    ['docker.io/team/app', 'https://index.docker.io/v1/'],
    ['host:5000/app', 'host:5000'],
    ['ghcr.io/team/app', 'ghcr.io'],
    ['localhost/app', 'localhost'],
  ])('%s belongs to the login of %s', async (image, server) => {
    expect(await serverOfImage(image)).toBe(server);
  });
});

describe('flags', () => {
  test('are those of docker', () => {
    expect(parseArguments(pull.flags, ['-aq', '--platform', 'linux/arm64', 'x'])).toMatchObject({
      options: { allTags: true, quiet: true, platform: 'linux/arm64' },
      args: ['x'],
    });
    expect(parseArguments(push.flags, ['--all-tags', '--disable-content-trust=false', 'x'])).toMatchObject({
      options: { allTags: true, disableContentTrust: false },
    });
    expect(parseArguments(save.flags, ['-o', 'f', 'x', 'y'])).toMatchObject({
      options: { output: 'f' },
      args: ['x', 'y'],
    });
    expect(parseArguments(prune.flags, ['-af', '--filter', 'until=24h'])).toMatchObject({
      options: { all: true, force: true, filter: { until: ['24h'] } },
    });
    expect(() => parseArguments(prune.flags, ['--nope'])).toThrow('unknown flag: --nope');
  });
});

describe('login', () => {
  test.each([
    [undefined, 'https://index.docker.io/v1/'],
    ['docker.io', 'https://index.docker.io/v1/'],
    ['https://host.example/v2/', 'host.example'],
    ['host:5000', 'host:5000'],
  ])('to %j is kept as %s', (argument, server) => expect(serverFor(argument)).toBe(server));

  test('refuses flags that do not go together', () => {
    const check = (username?: string, password?: string, passwordStdin = false) =>
      checkOptions({ username, password, passwordStdin });
    expect(() => check('u', 'p', true)).toThrow('cannot specify both --password and --password-stdin');
    expect(() => check(undefined, undefined, true)).toThrow('requires --username to be set');
    expect(() => check('u', undefined, true)).not.toThrow();
    expect(() => check('u', 'p')).not.toThrow();
  });

  test.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' se cret ', ' se cret '],
  ])('takes the line end off %j', (text, password) => expect(withoutLineEnd(text)).toBe(password));
});

test('history has docker columns', () => {
  expect(historyTemplate('', false, true)).toContain('{{.CreatedSince}}');
  expect(historyTemplate('table', false, false)).toContain('{{.CreatedAt}}');
  expect(historyTemplate('', true, true)).toBe('{{.ID}}');
  expect(historyTemplate('{{.Size}}', true, true)).toBe('{{.Size}}');
});

test('what was pruned is told as docker tells it', () => {
  expect(prunedImages([])).toBe('');
  expect(prunedImages([{ Untagged: 'a:1' }, { Deleted: 'sha256:b' }])).toBe(
    'Deleted Images:\nuntagged: a:1\ndeleted: sha256:b\n\n',
  );
});
