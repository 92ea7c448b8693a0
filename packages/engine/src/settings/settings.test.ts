import { expect, test } from 'vitest';
import { createDaemonConfig } from './daemon.ts';
import { joinValues, parseConfig } from './file.ts';
import type { Values } from './options.ts';

const config = (values: Values) => createDaemonConfig(values, { DOCKER_CERT_PATH: '/certs' });

test('without settings the engine lives in the usual places', () => {
  expect(config({})).toMatchObject({
    hosts: ['unix:///run/davit/davit.sock'],
    dataRoot: '/var/lib/davit',
    execRoot: '/run/davit',
    pidFile: '/run/davit.pid',
    logLevel: 'info',
    idleTimeout: 0,
    insecure: false,
    tls: { enabled: false, verify: false, caCert: '/certs/ca.pem' },
  });
});

test('an engine with another exec root has its own socket and pid file', () => {
  expect(config({ 'exec-root': '/tmp/a' })).toMatchObject({
    hosts: ['unix:///tmp/a/davit.sock'],
    pidFile: '/tmp/a/davit.pid',
  });
});

test('verifying clients means TLS, and no TLS must be said', () => {
  expect(config({ tlsverify: true, hosts: ['tcp://:99'] }).tls).toMatchObject({
    enabled: true,
    verify: true,
  });
  expect(config({ tlsverify: true, hosts: ['tcp://1.2.3.4'] }).hosts).toEqual(['tcp://1.2.3.4:2376']);
  expect(config({ tls: false }).insecure).toBe(true);
});

test.each<[Values, string]>([
  [{ hosts: ['ssh://x'] }, 'invalid host "ssh://x"'],
  [{ hosts: ['tcp://0.0.0.0:2375'] }, 'say so with --tls=false'],
  [{ hosts: ['tcp://[::]:1'], tls: true }, 'everyone who reaches it root'],
  [{ 'log-level': 'loud' }, 'invalid log level "loud"'],
  [{ bip: '10.0.0.1' }, 'invalid bridge address'],
  [{ bip: '10.0.0.1/16', bridge: 'br0' }, 'exclude each other'],
  [{ dns: ['resolver'] }, 'resolver is not an ip address'],
  [{ 'log-driver': 'gelf' }, 'failed to set log opts: error looking up logging plugin gelf'],
  [{ 'log-opts': ['max-size'] }, 'invalid log option "max-size"'],
  [{ 'log-opts': ['max-size=0'] }, 'max-size must be a positive number'],
  [{ labels: ['x'] }, 'bad attribute format: x'],
  [{ labels: ['x=1', 'x=2'] }, 'conflict labels for x=2 and x=1'],
  [{ 'insecure-registries': ['http://r'] }, "should not contain '://'"],
  [{ 'registry-mirrors': ['https://m/path'] }, 'invalid registry mirror'],
  [{ 'proxies.http-proxy': 'socks5://p' }, 'invalid proxy: socks5:// is not supported'],
])('%o is refused', (values, message) => {
  expect(() => config(values)).toThrow(message);
});

test('the configuration file has the keys of daemon.json', () => {
  const text = `\uFEFF{
    "hosts": ["fd://"], "debug": true, "labels": ["a=b"], "idle-timeout": 5, "registry-mirrors": ["https://m"],
    "proxies": {"http-proxy": "p:3128", "no-proxy": "a,b"}, "log-driver": "local", "log-opts": {"max-size": "1m"},
    "runtimes": {"own": {"path": "/own", "runtimeArgs": ["-v"]}}, "storage-driver": "overlay2", "iptables": true
  }`;
  expect(config(parseConfig(text, '/d.json'))).toMatchObject({
    hosts: ['fd://'],
    logLevel: 'debug',
    labels: ['a=b'],
    idleTimeout: 5,
    registryMirrors: ['https://m/'],
    proxies: { HTTP_PROXY: 'http://p:3128/', HTTPS_PROXY: '', NO_PROXY: 'a,b' },
    logConfig: { Type: 'local', Config: { 'max-size': '1m' } },
    runtimes: { own: { path: '/own', args: ['-v'] } },
  });
  expect(parseConfig(' \n', '/d.json')).toEqual({});
});

test.each([
  ['{', /^cannot start with \/d\.json: /],
  ['[]', /must hold a JSON object/],
  ['{"host": []}', /the directive "host" is not known/],
  ['{"hosts": "unix:///x"}', /hosts must be a list of texts/],
  ['{"debug": "yes"}', /debug must be true or false/],
  ['{"idle-timeout": -1}', /idle-timeout must be a whole number/],
  ['{"runtimes": {"a": {}}}', /runtimes must be a map/],
  ['{"log-opts": {"max-file": 3}}', /log-opts must be a map of names to texts/],
  ['{"proxies": "http://p"}', /proxies must be an object/],
  ['{"proxies": {"ftp-proxy": "p"}}', /the directive "proxies.ftp-proxy" is not known/],
  ['{"proxies.http-proxy": "p"}', /the directive "proxies.http-proxy" is not known/],
  ['{"userns-remap": "default"}', /userns-remap cannot be used: /],
  ['{"storage-driver": "zfs"}', /storage-driver cannot be used: /],
])('%s is refused', (text, message) => {
  expect(() => parseConfig(text, '/d.json')).toThrow(message);
});

test('a setting must not come from flag and file', () => {
  expect(joinValues({ debug: true }, { labels: ['a=b'] }, '/d.json')).toEqual({
    debug: true,
    labels: ['a=b'],
  });
  expect(() => joinValues({ labels: ['c=d'], hosts: [] }, { labels: ['a=b'] }, '/d.json')).toThrow(
    'cannot start with /d.json: the following directives are specified both as a flag and in the configuration file: labels (--label says ["c=d"], the file ["a=b"])',
  );
  const proxy = { 'proxies.http-proxy': 'http://me:secret@proxy/' };
  expect(() => joinValues(proxy, proxy, '/d.json')).toThrow(
    'proxies.http-proxy (--http-proxy says "http://xxxxx:xxxxx@proxy/", the file "http://xxxxx:xxxxx@proxy/")',
  );
});

test('the cache of builds is bounded as dockerd bounds it', () => {
  const builder = (gc: unknown) =>
    config(parseConfig(JSON.stringify({ builder: { gc } }), '/d.json')).builder;
  expect(config({}).builder).toMatchObject({ collects: true, rules: null });
  expect(builder({ enabled: false, defaultKeepStorage: '10GB' })).toMatchObject({
    collects: false,
    reservedSpace: 10 * 1024 ** 3,
  });
  const policy = [
    { keepStorage: '512MB', filter: ['unused-for=48h', 'type=regular'] },
    { All: true, maxUsedSpace: '1.5k' },
  ];
  expect(builder({ policy }).rules).toEqual([
    {
      ...{ all: false, filters: { 'unused-for': ['48h'], type: ['regular'] } },
      ...{ reservedSpace: 512 * 1024 ** 2, maxUsedSpace: 0, minFreeSpace: 0 },
    },
    { all: true, filters: {}, reservedSpace: 0, maxUsedSpace: 1536, minFreeSpace: 0 },
  ]);
  expect(() => builder({ policy: [{ keep: 1 }] })).toThrow('a policy has no "keep"');
  expect(() => builder({ defaultKeepStorage: 'much' })).toThrow('defaultReservedSpace is no size: "much"');
});

test('builds are remembered as long as the configuration says', () => {
  const history = (given: unknown) =>
    config(parseConfig(JSON.stringify({ builder: { history: given } }), '/d.json')).builder.history;
  expect(history({})).toEqual({ maxEntries: 100, maxAge: 0 });
  expect(history({ maxEntries: 7, maxAge: 3_000_000_000 })).toEqual({ maxEntries: 7, maxAge: 3000 });
  expect(() => history({ maxEntries: -1 })).toThrow('maxEntries must be a whole number');
});
