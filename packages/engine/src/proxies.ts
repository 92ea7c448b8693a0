import { BlockList, isIP } from 'node:net';
import { EngineError } from './errors.ts';

/** The variables that name proxies; each counts in small letters where it is not there in large ones. */
export const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const;

/** What a variable of these says; empty for nothing. */
export const proxyVariable = (environment: NodeJS.ProcessEnv, name: (typeof proxyNames)[number]): string =>
  environment[name] || environment[name.toLowerCase()] || '';

/** The variables for a program that fetches something itself; programs look for them in small letters. */
export const proxiesForPrograms = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = proxyVariable(environment, name);
      return value === '' ? [] : [[name.toLowerCase(), value]];
    }),
  );

/** The address of a proxy for people to see, without the name and password in it. */
export function withoutPassword(proxy: string): string {
  const url = URL.parse(proxy);
  if (!url?.username && !url?.password) return proxy;
  url.username = 'xxxxx';
  url.password = 'xxxxx';
  return url.href;
}

const schemes = new Set(['http:', 'https:']);

/** The address of a proxy, with the scheme that may be left out of it. Throws `badParameter` for what is none. */
export function checkProxy(text: string): string {
  const url = URL.parse(/^[\w.+-]+:\/\//.test(text) ? text : `http://${text}`);
  if (!url || !schemes.has(url.protocol) || url.hostname === '') {
    // It may hold a password.
    const [scheme = ''] = /^[\w.+-]+:\/\//.exec(text) ?? [];
    const reason = scheme && !/^https?:/.test(scheme) ? `${scheme} is not supported` : 'it is no URL';
    throw new EngineError('badParameter', `invalid proxy: ${reason}: use http(s)://host[:port]`);
  }
  return url.href;
}

/**
 * Says by which proxy a URL is reached, null for none, with the rules that docker's engine has (those of Go's
 * net/http): a name in NO_PROXY stands for all below it as well, one with a dot in front for these alone; addresses,
 * networks and a port may be given; and nothing on this machine is ever reached by a proxy.
 */
export function createProxyChooser(environment: NodeJS.ProcessEnv): (url: URL) => string | null {
  const plain = proxyVariable(environment, 'HTTP_PROXY');
  const secure = proxyVariable(environment, 'HTTPS_PROXY');
  const exceptions = proxyVariable(environment, 'NO_PROXY')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
    .map(exceptionOf);
  return (url) => {
    const proxy = url.protocol === 'https:' ? secure : plain;
    if (proxy === '') return null;
    const target: Target = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
      port: url.port || (url.protocol === 'https:' ? '443' : '80'),
    };
    if (isHere(target.host) || exceptions.some((covers) => covers(target))) return null;
    return checkProxy(proxy);
  };
}

interface Target {
  host: string;
  port: string;
}

const here = new BlockList();
here.addSubnet('127.0.0.0', 8, 'ipv4');
here.addAddress('::1', 'ipv6');

const isHere = (host: string) => host === 'localhost' || covers(here, host);

function covers(list: BlockList, host: string): boolean {
  const kind = isIP(host);
  return kind !== 0 && list.check(host, kind === 6 ? 'ipv6' : 'ipv4');
}

/** Reads one entry of NO_PROXY. */
function exceptionOf(entry: string): (target: Target) => boolean {
  if (entry === '*') return () => true;
  const network = networkOf(entry);
  if (network) return ({ host }) => covers(network, host);
  const [, bracketed, bare = '', port] = /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? bare).replace(/^\*/, '');
  const isAt = (target: Target) => port === undefined || port === target.port;
  if (name === '') return () => false;
  if (name.startsWith('.')) return (target) => isAt(target) && target.host.endsWith(name);
  return (target) => isAt(target) && (target.host === name || target.host.endsWith(`.${name}`));
}

/** A network, `10.0.0.0/8`; null for an entry that is none. */
function networkOf(entry: string): BlockList | null {
  const [address = '', prefix = ''] = entry.split('/');
  const kind = isIP(address);
  if (kind === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (kind === 6 ? 128 : 32)) return null;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), kind === 6 ? 'ipv6' : 'ipv4');
  return list;
}
