import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { type LogSubject, tagOf } from './attributes.ts';
import type { Destination } from './destination.ts';
import type { LogMessage } from './message.ts';
import { openDatagrams, openStream, openUdp } from './ways.ts';

/** The options of docker's driver of this name. */
export const syslogOptions = [
  ...['syslog-address', 'syslog-facility', 'syslog-format'],
  ...['syslog-tls-ca-cert', 'syslog-tls-cert', 'syslog-tls-key', 'syslog-tls-skip-verify'],
];

/** RFC 5424, section 6.2.1. */
const facilities = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  // Numbers that have no name with docker.
  ...['', '', '', ''],
  ...Array.from({ length: 8 }, (_, number) => `local${number}`),
];
const severities = { error: 3, information: 6 };
const standardPort = 514;

type Protocol = 'local' | 'unix' | 'unixgram' | 'udp' | 'tcp' | 'tcp+tls';

interface Address {
  protocol: Protocol;
  /** Of unix sockets. */
  path: string;
  host: string;
  port: number;
}

/** Checks the options of the driver. Throws an Error in dockerd's words. */
export function checkSyslog(options: Record<string, string>): void {
  const { protocol, path } = parseAddress(options['syslog-address'] ?? '');
  if (protocol.startsWith('unix') && !existsSync(path)) {
    throw new Error(`stat ${path}: no such file or directory`);
  }
  parseFacility(options['syslog-facility'] ?? '');
  formatterFor(options['syslog-format'] ?? '');
}

/** The destination of a container's log. Throws an Error in dockerd's words. */
export function syslogDestination(options: Record<string, string>, subject: LogSubject): Destination {
  const text = options['syslog-address'] ?? '';
  const address = parseAddress(text);
  const facility = parseFacility(options['syslog-facility'] ?? '');
  const format = formatterFor(options['syslog-format'] ?? '');
  const tag = tagOf(options, subject);
  const isFramed = address.protocol === 'tcp+tls' && (options['syslog-format'] ?? '').startsWith('rfc5424');
  return {
    name: text || 'the syslog of this machine',
    open: () => openAddress(address, options),
    encode(message) {
      const priority = facility * 8 + (message.isError ? severities.error : severities.information);
      const line = Buffer.concat([
        Buffer.from(format({ priority, tag, message })),
        message.text,
        Buffer.from('\n'),
      ]);
      // RFC 5425, section 4.3: the length comes first.
      return isFramed ? Buffer.concat([Buffer.from(`${line.length} `), line]) : line;
    },
  };
}

function parseAddress(text: string): Address {
  const none = { path: '', host: '', port: 0 };
  if (text === '') return { ...none, protocol: 'local' };
  const [, protocol, rest = ''] = /^(unix|unixgram|udp|tcp|tcp\+tls):\/\/(.*)$/s.exec(text) ?? [];
  if (protocol === undefined)
    throw new Error(`syslog-address should be in form proto://address, got ${text}`);
  if (protocol === 'unix' || protocol === 'unixgram') {
    const path = rest.replace(/^[^/]*/, '');
    return { ...none, protocol, path };
  }
  const authority = rest.replace(/[/?#].*$/s, '');
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? [];
  if (host === undefined) throw new Error(`address ${authority}: too many colons in address`);
  return {
    ...none,
    protocol: protocol as Protocol,
    host: host.replace(/^\[|\]$/g, '') || 'localhost',
    port: port ? Number(port) : standardPort,
  };
}

function parseFacility(text: string): number {
  if (text === '') return facilities.indexOf('daemon');
  const named = facilities.indexOf(text);
  if (named >= 0) return named;
  if (/^\d{1,2}$/.test(text) && Number(text) < facilities.length) return Number(text);
  throw new Error('invalid syslog facility');
}

interface Head {
  priority: number;
  tag: string;
  message: LogMessage;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number, pad = '0') => String(number).padStart(2, pad);

/** `Nov 28 10:05:00` by the clock on this machine's wall, as RFC 3164 has it. */
function stamp({ time }: LogMessage): string {
  const at = new Date(`${time.slice(0, 23)}Z`);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((number) => two(number)).join(':');
  return `${months[at.getMonth()]} ${two(at.getDate(), ' ')} ${clock}`;
}

/** RFC 3339, in the time zone of this machine, with so many digits behind the second. */
function precise({ time }: LogMessage, digits: number): string {
  const at = new Date(`${time.slice(0, 23)}Z`);
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const fraction = digits > 0 ? time.slice(19, 20 + digits) : '';
  const ahead = Math.abs(offset);
  const zone =
    offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${two(Math.trunc(ahead / 60))}:${two(ahead % 60)}`;
  return `${local}${fraction}${zone}`;
}

/** What stands before the text, by docker's names of the formats. */
function formatterFor(name: string): (head: Head) => string {
  const host = hostname();
  const structured =
    (digits: number) =>
    ({ priority, tag, message }: Head) =>
      `<${priority}>1 ${precise(message, digits)} ${host} ${tag} ${process.pid} ${tag} - `;
  switch (name) {
    case '':
      return ({ priority, tag, message }) => `<${priority}>${stamp(message)} ${tag}[${process.pid}]: `;
    case 'rfc3164':
      return ({ priority, tag, message }) =>
        `<${priority}>${stamp(message)} ${host} ${tag}[${process.pid}]: `;
    case 'rfc5424':
      return structured(0);
    case 'rfc5424micro':
      return structured(6);
    default:
      throw new Error('Invalid syslog format');
  }
}

/** Where a machine's own syslog listens. */
const localPaths = ['/dev/log', '/var/run/syslog', '/var/run/log'];

async function openAddress({ protocol, path, host, port }: Address, options: Record<string, string>) {
  switch (protocol) {
    case 'udp':
      return openUdp(host, port);
    case 'tcp':
      return openStream({ host, port });
    case 'tcp+tls':
      return openStream(
        { host, port },
        {
          ca: options['syslog-tls-ca-cert'],
          cert: options['syslog-tls-cert'],
          key: options['syslog-tls-key'],
          skipVerify: options['syslog-tls-skip-verify'] !== undefined,
        },
      );
    case 'unix':
      return openStream({ path });
    case 'unixgram':
      return openDatagrams(path);
    case 'local':
      return openLocal();
  }
}

async function openLocal() {
  for (const path of localPaths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) continue;
    try {
      return openDatagrams(path);
    } catch {
      try {
        return await openStream({ path });
      } catch {
        // Another one may listen.
      }
    }
  }
  throw new Error('Unix syslog delivery error');
}
