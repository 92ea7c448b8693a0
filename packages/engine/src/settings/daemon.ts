import { isIP, isIPv4 } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BuilderConfig, EngineConfig, LogConfig, RuntimeConfig } from '../config.ts';
import { EngineError, messageOf } from '../errors.ts';
import { isLogLevel } from '../log.ts';
import { checkLogConfig as checkDriver, defaultLogDriver } from '../logs/limits.ts';
import { checkProxy } from '../proxies.ts';
import { checkSafety, formatHost, parseHost } from '../server/hosts.ts';
import { usualBuilder } from './builder.ts';
import type { Values } from './options.ts';

/** The engine's configuration with what only the daemon around it needs. */
export interface DaemonConfig extends EngineConfig {
  /** Group of the Unix socket; empty: davit or docker, whichever exists. */
  group: string;
  /** Whether the user said that others may call without showing who they are. */
  insecure: boolean;
  /** Whether containers go on when the engine stops. */
  liveRestore: boolean;
  /** Seconds that containers get to stop when the engine does. */
  shutdownTimeout: number;
}

const usualRoots = { data: '/var/lib/davit', exec: '/run/davit' };

/** Fills in what was not given and checks the rest. Engines with other roots get other sockets and pid files. */
export function createDaemonConfig(values: Values, env: NodeJS.ProcessEnv): DaemonConfig {
  const text = (key: string, otherwise = '') => (values[key] as string | undefined) || otherwise;
  const list = (key: string) => (values[key] as string[] | undefined) ?? [];
  const on = (key: string) => values[key] === true;
  const number = (key: string, otherwise: number) => (values[key] as number | undefined) ?? otherwise;

  const execRoot = resolve(text('exec-root', usualRoots.exec));
  const verify = on('tlsverify');
  const enabled = verify || on('tls');
  const certificates = env.DOCKER_CERT_PATH || join(homedir(), '.docker');
  const hosts = list('hosts');
  const insecure = values.tls === false || values.tlsverify === false;
  const checkHost = (text: string) => {
    const host = parseHost(text, enabled);
    if (host.kind === 'tcp') checkSafety(host.host, formatHost(host), { tls: { verify }, insecure });
    return formatHost(host);
  };
  const level = on('debug') ? 'debug' : text('log-level', 'info').toLowerCase();
  if (!isLogLevel(level))
    refuse(`invalid log level ${JSON.stringify(level)}: use debug, info, warn, error or fatal`);
  if (values.bridge && values.bip)
    refuse('--bridge and --bip exclude each other: a bridge that is named has its address');
  return {
    hosts: hosts.length > 0 ? hosts.map(checkHost) : [`unix://${join(execRoot, 'davit.sock')}`],
    dataRoot: resolve(text('data-root', usualRoots.data)),
    execRoot,
    pidFile: resolve(
      text('pidfile', execRoot === usualRoots.exec ? '/run/davit.pid' : join(execRoot, 'davit.pid')),
    ),
    bridge: text('bridge'),
    bip: checkBip(text('bip')),
    addressPools: list('default-address-pools').map(readPool),
    logLevel: level,
    debug: on('debug'),
    defaultRuntime: text('default-runtime'),
    runtimes: (values.runtimes as Record<string, RuntimeConfig> | undefined) ?? {},
    cgroupParent: text('cgroup-parent'),
    initPath: text('init-path'),
    insecureRegistries: list('insecure-registries').map(checkRegistry),
    registryMirrors: list('registry-mirrors').map(checkMirror),
    proxies: {
      HTTP_PROXY: readProxy(text('proxies.http-proxy')),
      HTTPS_PROXY: readProxy(text('proxies.https-proxy')),
      NO_PROXY: text('proxies.no-proxy'),
    },
    labels: checkLabels(list('labels')),
    logConfig: checkLogConfig(text('log-driver', defaultLogDriver), list('log-opts')),
    dns: list('dns').map(checkAddress),
    dnsSearch: list('dns-search'),
    dnsOptions: list('dns-opts'),
    tls: {
      enabled,
      verify,
      caCert: resolve(text('tlscacert', join(certificates, 'ca.pem'))),
      cert: resolve(text('tlscert', join(certificates, 'cert.pem'))),
      key: resolve(text('tlskey', join(certificates, 'key.pem'))),
    },
    idleTimeout: number('idle-timeout', 0),
    builder: (values.builder as BuilderConfig | undefined) ?? usualBuilder,
    group: text('group'),
    insecure,
    liveRestore: on('live-restore'),
    shutdownTimeout: number('shutdown-timeout', 15),
  };
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

function checkBip(bip: string): string {
  if (bip === '') return '';
  const [address = '', prefix = ''] = bip.split('/');
  const valid = isIPv4(address) && /^\d{1,2}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= 30;
  return valid
    ? bip
    : refuse(
        `invalid bridge address ${JSON.stringify(bip)}: use an IPv4 address with prefix, as in 172.30.0.1/16`,
      );
}

function readPool(text: string): DaemonConfig['addressPools'][number] {
  const fields = Object.fromEntries(text.split(',').map((field) => field.split('=', 2)));
  const [address = '', prefix = ''] = String(fields.base ?? '').split('/');
  const size = Number(fields.size);
  const isPool = isIPv4(address) && /^\d{1,2}$/.test(prefix) && size >= Number(prefix) && size <= 30;
  return isPool
    ? { base: fields.base, size }
    : refuse(`invalid default address pool ${JSON.stringify(text)}: use base=ADDRESS/PREFIX,size=BITS`);
}

function checkAddress(address: string): string {
  return isIP(address) > 0 ? address : refuse(`${address} is not an ip address`);
}

function checkRegistry(registry: string): string {
  return registry.includes('://')
    ? refuse(`insecure registry ${registry} should not contain '://'`)
    : registry;
}

function checkMirror(mirror: string): string {
  const url = URL.parse(mirror);
  const valid =
    url &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    !url.search &&
    !url.hash &&
    !url.username;
  return valid
    ? url.href
    : refuse(`invalid registry mirror ${JSON.stringify(mirror)}: use http(s)://host[:port]`);
}

const readProxy = (proxy: string): string => (proxy === '' ? '' : checkProxy(proxy));

function checkLogConfig(Type: string, options: string[]): LogConfig {
  const pairs = options.map((option) => {
    const at = option.indexOf('=');
    return at > 0
      ? [option.slice(0, at), option.slice(at + 1)]
      : refuse(`invalid log option ${JSON.stringify(option)}: use name=value`);
  });
  const config = { Type, Config: Object.fromEntries(pairs) as Record<string, string> };
  try {
    checkDriver(config);
  } catch (error) {
    refuse(`failed to set log opts: ${messageOf(error)}`);
  }
  return config;
}

function checkLabels(labels: string[]): string[] {
  const values = new Map<string, string>();
  for (const label of labels) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(label) ?? [];
    if (key === undefined || value === undefined) return refuse(`bad attribute format: ${label}`);
    if (values.has(key) && values.get(key) !== value)
      refuse(`conflict labels for ${key}=${value} and ${key}=${values.get(key)}`);
    values.set(key, value);
  }
  return [...values].map(([key, value]) => `${key}=${value}`);
}
