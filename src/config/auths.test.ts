import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { hostOf, hubAddress, openLogins } from './auths.ts';

const base = mkdtempSync(join(tmpdir(), 'davit-auths-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let directory = '';
let count = 0;
beforeEach(() => {
  directory = join(base, String(count++));
});

const login = { username: 'user', password: 'se:cret', identityToken: '' };
const encoded = Buffer.from('user:se:cret').toString('base64');
const config = () => JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
const write = (values: object) => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(values));
};

test.each([
  ['https://host.example/v1/', 'host.example'],
  ['http://host:5000', 'host:5000'],
  ['host', 'host'],
  [hubAddress, 'index.docker.io'],
])('hostOf(%j)', (server, host) => expect(hostOf(server)).toBe(host));

describe('logins in config.json', () => {
  test('are kept, found and removed, and nothing else is touched', async () => {
    write({ psFormat: 'x', auths: { 'https://old.example/v1/': { auth: encoded } } });
    const logins = openLogins(directory, {});
    expect(await logins.put('new.example', login)).toBe(join(directory, 'config.json'));
    expect(config()).toEqual({
      psFormat: 'x',
      auths: { 'https://old.example/v1/': { auth: encoded }, 'new.example': { auth: encoded } },
    });
    expect(statSync(join(directory, 'config.json')).mode & 0o777).toBe(0o600);
    expect(await logins.get('new.example')).toEqual(login);
    expect(await logins.get('old.example')).toEqual(login);
    expect(await logins.get('nosuch.example')).toBeNull();
    await logins.remove('old.example');
    expect(config()).toEqual({ psFormat: 'x', auths: { 'new.example': { auth: encoded } } });
  });

  test('keep a token in the place of the password', async () => {
    const logins = openLogins(directory, {});
    await logins.put(hubAddress, { username: 'user', password: '', identityToken: 'token' });
    expect(config().auths[hubAddress].identitytoken).toBe('token');
    expect(await logins.get(hubAddress)).toMatchObject({ identityToken: 'token' });
  });

  test('are written through a link, and not at all into a file that cannot be read', async () => {
    mkdirSync(directory);
    writeFileSync(join(base, 'target.json'), '{}');
    symlinkSync(join(base, 'target.json'), join(directory, 'config.json'));
    await openLogins(directory, {}).put('a', login);
    expect(JSON.parse(readFileSync(join(base, 'target.json'), 'utf8')).auths.a.auth).toBe(encoded);
    writeFileSync(join(base, 'target.json'), '{ broken');
    await expect(openLogins(directory, {}).put('a', login)).rejects.toThrow('cannot change');
    expect(readFileSync(join(base, 'target.json'), 'utf8')).toBe('{ broken');
  });
});

describe.skipIf(process.platform === 'win32')('a helper program', () => {
  const environment = { PATH: `${base}/bin:${process.env.PATH}` };
  const helper = (name: string, script: string) => {
    mkdirSync(`${base}/bin`, { recursive: true });
    writeFileSync(`${base}/bin/docker-credential-${name}`, `#!/bin/sh\n${script}`);
    chmodSync(`${base}/bin/docker-credential-${name}`, 0o755);
  };

  test('has the logins of its registries, and those of all others is the general one asked for', async () => {
    helper('one', `cat > /dev/null; echo '{"Username":"<token>","Secret":"t"}'`);
    helper('all', `read server; echo "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"s\\"}"`);
    write({ credsStore: 'all', credHelpers: { 'one.example': 'one' } });
    const logins = openLogins(directory, environment);
    expect(await logins.get('one.example')).toEqual({ username: '', password: '', identityToken: 't' });
    expect(await logins.get('two.example')).toMatchObject({ username: 'two.example', password: 's' });
  });

  test('that knows nothing is no error, one that fails is', async () => {
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    helper('bad', 'echo "the keychain is locked"; exit 1');
    for (const [name, expected] of [
      ['bad', 'the keychain is locked'],
      ['missing', 'executable file not found in $PATH'],
      ['../evil', 'invalid name of a credential helper'],
    ]) {
      write({ credsStore: name });
      await expect(openLogins(directory, environment).get('x')).rejects.toThrow(expected);
    }
    write({ credsStore: 'none' });
    expect(await openLogins(directory, environment).get('x')).toBeNull();
  });
});

test('all logins are told at once, from the file and from helpers, whose word counts', async () => {
  const auth = Buffer.from('a:b').toString('base64');
  write({
    auths: { 'z.example': { auth }, 'empty.example': {}, 'a.example': { auth, identitytoken: 'token' } },
  });
  expect(await openLogins(directory, {}).all()).toEqual({
    'a.example': { auth, identitytoken: 'token' },
    'z.example': { auth },
  });
  const programs = join(directory, 'bin');
  mkdirSync(programs);
  const helper = [
    '#!/bin/sh',
    'case $1 in',
    'list) echo \'{"https://reg.example": "user", "token.example": "<token>"}\' ;;',
    'get) read server; name=a; [ "$server" = token.example ] && name="<token>"',
    '  echo "{\\"Username\\": \\"$name\\", \\"Secret\\": \\"b\\"}" ;;',
    'esac',
  ];
  writeFileSync(join(programs, 'docker-credential-test'), helper.join('\n'), { mode: 0o755 });
  const environment = { PATH: `${programs}:${process.env.PATH}` };
  write({
    ...{ credsStore: 'test', credHelpers: { 'own.example': 'test' } },
    auths: { 'z.example': { auth } },
  });
  expect(await openLogins(directory, environment).all()).toEqual({
    'https://reg.example': { auth },
    'own.example': { auth },
    'token.example': { identitytoken: 'b' },
  });
  write({ credsStore: 'nosuch' });
  await expect(openLogins(directory, environment).all()).rejects.toThrow(
    'error listing credentials - err: exec: "docker-credential-nosuch": executable file not found in $PATH, out: ``',
  );
});
