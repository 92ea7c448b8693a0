import { expect, test } from 'vitest';
import { helpText, parseCommandLine, UsageError } from './flags.ts';

test('flags are read in every way that dockerd takes them', () => {
  const { action, given, configFile } = parseCommandLine([
    ...['-H', 'unix:///a.sock', '--host=tcp://127.0.0.1:1', '-D', '-lwarn', '--data-root', '/d'],
    ...['--label', 'a=b', '--label=c=d', '--tls=false', '--live-restore=T', '--idle-timeout', '30'],
    ...['--http-proxy', 'p:1', '--no-proxy=a,b'],
    ...['--add-runtime', 'a=/x', '--add-runtime=b=/y', '--config-file', '/c.json', '-p', '/p'],
  ]);
  expect(action).toBe('serve');
  expect(configFile).toBe('/c.json');
  expect(given).toEqual({
    hosts: ['unix:///a.sock', 'tcp://127.0.0.1:1'],
    debug: true,
    'log-level': 'warn',
    'data-root': '/d',
    labels: ['a=b', 'c=d'],
    tls: false,
    'live-restore': true,
    'idle-timeout': 30,
    'proxies.http-proxy': 'p:1',
    'proxies.no-proxy': 'a,b',
    runtimes: { a: { path: '/x', args: [] }, b: { path: '/y', args: [] } },
    pidfile: '/p',
  });
  expect(parseCommandLine([]).given).toEqual({});
});

test.each([
  [['--version'], 'version'],
  [['-v'], 'version'],
  [['--help'], 'help'],
  [['--validate'], 'validate'],
  [['--check-store'], 'check'],
  [['--check-store', '--repair'], 'repair'],
])('%s', (argv, action) => {
  expect(parseCommandLine(argv).action).toBe(action);
});

test.each([
  [['--foo'], 'unknown flag: --foo'],
  [['--foo=bar'], 'unknown flag: --foo'],
  [['-x'], "unknown shorthand flag: 'x' in -x"],
  [['--host'], 'flag needs an argument: --host'],
  [['extra'], 'davitd accepts no arguments'],
  [['--debug=maybe'], 'invalid argument "maybe" for "--debug" flag: not true or false'],
  [['--idle-timeout', 'x'], 'invalid argument "x" for "--idle-timeout <seconds>": not a whole number'],
])('%s is refused', (argv, message) => {
  expect(() => parseCommandLine(argv)).toThrow(new UsageError(message));
});

test('a flag of dockerd that cannot work is refused with the reason, unless it asks for what is so anyway', () => {
  expect(() => parseCommandLine(['--userns-remap=default'])).toThrow(
    '--userns-remap cannot be used: davitd has no user namespaces yet',
  );
  expect(() => parseCommandLine(['--iptables=false'])).toThrow('nftables');
  expect(() => parseCommandLine(['--storage-driver', 'btrfs'])).toThrow('overlayfs');
  expect(
    parseCommandLine(['-s', 'overlay2', '--iptables', '--icc=true', '--experimental=false']).given,
  ).toEqual({});
});

test('the help lists what works and nothing else', () => {
  expect(helpText()).toContain('-H, --host <address>');
  expect(helpText()).not.toContain('--userns-remap');
  expect(helpText()).not.toContain('--no-debug');
});
