import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { filesOfCache, readCacheSources, readCacheTargets } from './caches.ts';
import { readGiven } from './given.ts';
import { readDestination } from './result.ts';

const folder = mkdtempSync(`${tmpdir()}/davit-given-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(`${folder}/key`, 'from a file');

const none = {
  secret: [],
  ssh: [],
  buildContext: [],
  noCacheFilter: [],
  allow: [],
  cacheFrom: [],
  cacheTo: [],
};
const warned: string[] = [];
const warn = (message: string) => void warned.push(message);
const environment = { TOKEN: 'from the environment' };
const secretsOf = (...secret: string[]) => {
  const { secrets } = readGiven({ ...none, secret }, environment, warn) ?? {};
  return Object.fromEntries(Array.from(secrets ?? [], ([id, content]) => [id, content.toString()]));
};

test('secrets are read of files and variables', () => {
  expect(readGiven(none, {}, warn)).toBe(null);
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
    warn,
  );
  expect(given).toMatchObject({
    folders: new Map([['src', folder]]),
    images: new Map([['base', 'docker-image://alpine:3']]),
    noCacheStages: ['a', 'b', 'c'],
  });
  const withContext = (text: string) => () => readGiven({ ...none, buildContext: [text] }, {}, warn);
  expect(withContext('src=https://example.com/x.git')).toThrow('no folder and no docker-image://');
  expect(withContext('src')).toThrow('invalid build context src');
  expect(() => readGiven({ ...none, ssh: ['default'] }, {}, warn)).toThrow('SSH_AUTH_SOCK is not set');
  expect(() => readGiven({ ...none, ssh: [`x=${folder}/key`] }, {}, warn)).toThrow('is no socket');
  expect(() => readGiven({ ...none, allow: ['everything'] }, {}, warn)).toThrow(
    'invalid entitlement: everything',
  );
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

test('caches are images, names in registries and folders', () => {
  const sources = readCacheSources(['app:1', 'type=registry,ref=r/app:cache', 'type=local,src=/cache']);
  expect(sources).toEqual({ images: ['app:1'], registries: ['r/app:cache'], folders: ['/cache'] });
  expect(
    readCacheTargets(['type=registry,ref=r/c,mode=max', 'r/c', 'type=local,dest=/c', 'type=inline']),
  ).toEqual([
    { type: 'registry', place: 'r/c', mode: 'max' },
    { type: 'registry', place: 'r/c', mode: 'min' },
    { type: 'local', place: '/c', mode: 'min' },
    { type: 'inline', place: '', mode: 'min' },
  ]);
  expect(readGiven({ ...none, cacheFrom: ['app:1'] }, {}, warn)).toBe(null);
  const given = readGiven({ ...none, cacheFrom: [`type=local,src=${folder}`] }, {}, warn);
  expect(given?.cacheFolders.size).toBe(0);
  expect(warned).toEqual([`there is no cache in ${folder} yet`]);
});

test.each([
  ['type=gha', "davit does not speak to the cache of GitHub's actions; use type=registry"],
  ['type=s3,bucket=b', 'a bucket of Amazon S3'],
  ['type=azblob', 'the blob storage of Azure'],
  ['type=other', 'type "other" is not known'],
  ['ref=x', 'it has no type'],
  ['type=registry', 'ref=… is needed'],
  ['type=registry,ref=x,compression=zstd', "unexpected key 'compression'"],
])('the cache %j is refused', (text, message) => {
  expect(() => readCacheSources([text])).toThrow(message);
  expect(() => readCacheTargets([text])).toThrow(message);
});

test('a cache names nothing outside of its folder', () => {
  const cache = `${folder}/hostile`;
  mkdirSync(`${cache}/blobs/sha256`, { recursive: true });
  const manifest = 'a'.repeat(64);
  writeFileSync(`${cache}/index.json`, JSON.stringify({ manifests: [{ digest: `sha256:${manifest}` }] }));
  const layers = [{ digest: 'sha256:../../../key' }];
  writeFileSync(`${cache}/blobs/sha256/${manifest}`, JSON.stringify({ layers }));
  expect(() => filesOfCache(cache)).toThrow(
    `cannot read the cache in ${cache}: invalid digest "sha256:../../../key"`,
  );
});

test('modes of caches are checked', () => {
  expect(() => readCacheTargets(['type=local,dest=x,mode=mid'])).toThrow('mode "mid" is not known');
  expect(() => readCacheTargets(['type=inline,mode=max'])).toThrow('mode=min alone');
});
