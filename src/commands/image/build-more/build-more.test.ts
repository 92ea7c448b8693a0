import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { readGiven } from './given.ts';
import { readDestination } from './result.ts';

const folder = mkdtempSync(`${tmpdir()}/davit-given-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(`${folder}/key`, 'from a file');

const none = { secret: [], ssh: [], buildContext: [], noCacheFilter: [], allow: [] };
const environment = { TOKEN: 'from the environment' };
const secretsOf = (...secret: string[]) => {
  const { secrets } = readGiven({ ...none, secret }, environment) ?? {};
  return Object.fromEntries(Array.from(secrets ?? [], ([id, content]) => [id, content.toString()]));
};

test('secrets are read of files and variables', () => {
  expect(readGiven(none, {})).toBe(null);
  expect(
    secretsOf(
      `id=a,src=${folder}/key`,
      'id=b,env=TOKEN',
      'id=TOKEN',
      'type=env,id=TOKEN',
      `type=file,id=c,source=${folder}/key`,
    ),
  ).toEqual({
    ...{ a: 'from a file', b: 'from the environment', c: 'from a file' },
    TOKEN: 'from the environment',
  });
});

test.each([
  ['src=/nosuch', 'failed to read secret'],
  ['id=a,env=NOSUCH', 'NOSUCH is not set'],
  ['id=a,what=b', "unexpected key 'what'"],
  ['type=tpm,id=a', 'unsupported type tpm'],
  ['type=env', 'an id is needed'],
])('the secret %j is refused', (text, message) => {
  expect(() => secretsOf(text)).toThrow(message);
});

test('contexts are folders or images, agents are sockets', () => {
  const given = readGiven(
    { ...none, buildContext: [`src=${folder}`, 'base=docker-image://alpine:3'], noCacheFilter: ['a,b', 'c'] },
    {},
  );
  expect(given).toMatchObject({
    folders: new Map([['src', folder]]),
    images: new Map([['base', 'docker-image://alpine:3']]),
    noCacheStages: ['a', 'b', 'c'],
  });
  const withContext = (text: string) => () => readGiven({ ...none, buildContext: [text] }, {});
  expect(withContext('src=https://example.com/x.git')).toThrow('no folder and no docker-image://');
  expect(withContext('src')).toThrow('invalid build context src');
  expect(() => readGiven({ ...none, ssh: ['default'] }, {})).toThrow('SSH_AUTH_SOCK is not set');
  expect(() => readGiven({ ...none, ssh: [`x=${folder}/key`] }, {})).toThrow('is no socket');
  expect(() => readGiven({ ...none, allow: ['everything'] }, {})).toThrow('invalid entitlement: everything');
});

test('the result goes to the engine, a folder or an archive', () => {
  expect(readDestination('')).toEqual({ type: 'image', path: '' });
  expect(readDestination('type=docker')).toEqual({ type: 'image', path: '' });
  expect(readDestination('out')).toEqual({ type: 'local', path: 'out' });
  expect(readDestination('-')).toEqual({ type: 'tar', path: '-' });
  expect(readDestination('type=oci,dest=a=b.tar')).toEqual({ type: 'oci', path: 'a=b.tar' });
  expect(() => readDestination('type=tar')).toThrow('type=tar needs dest=PATH');
  expect(() => readDestination('type=local,dest=-')).toThrow('cannot be standard output');
  expect(() => readDestination('type=oci,dest=x,tar=false')).toThrow("unexpected key 'tar'");
});
