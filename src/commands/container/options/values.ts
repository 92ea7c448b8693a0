import { FlagValueError } from '../../flag.ts';
import { isAddress } from './ports.ts';

/** Checks one value of --attach. */
export function checkStream(text: string): string {
  const stream = text.toLowerCase();
  if (['stdin', 'stdout', 'stderr'].includes(stream)) return stream;
  throw new FlagValueError('valid streams are STDIN, STDOUT and STDERR');
}

/** Checks one value of --env. */
export function checkEnvironment(text: string): string {
  if (text === '' || text.startsWith('=')) throw new FlagValueError(`invalid environment variable: ${text}`);
  return text;
}

/** Checks one value of --label. */
export function checkLabel(text: string): string {
  if (text === '' || text.startsWith('=')) throw new FlagValueError(`invalid label '${text}': empty name`);
  return text;
}

/** Checks one value of --add-host, `HOST:IP` or `HOST=IP`; addresses may stand in brackets. */
export function checkExtraHost(text: string): string {
  const [, host = '', value = ''] = /^([^=:]*)[=:](.*)$/s.exec(text) ?? [];
  if (host === '' || value === '') {
    throw new FlagValueError(`bad format for add-host: ${JSON.stringify(text)}`);
  }
  const address = text.includes('=') || value.startsWith('[') ? value.replace(/^\[(.*)\]$/, '$1') : value;
  if (address !== 'host-gateway' && !isAddress(address)) {
    throw new FlagValueError(`invalid IP address in add-host: ${JSON.stringify(value)}`);
  }
  return `${host}:${address}`;
}

/** Checks one value of --dns. */
export function checkAddress(text: string): string {
  const address = text.trim();
  if (isAddress(address)) return address;
  throw new FlagValueError(`IP address is not correctly formatted: ${text}`);
}

/** Checks one value of --dns-search; a dot stands for no search at all. */
export function checkDomain(text: string): string {
  const domain = text.trim();
  if (domain === '.') return domain;
  const label = '[\\p{L}\\d_]([\\p{L}\\d_-]*[\\p{L}\\d_])?';
  if (domain.length < 255 && new RegExp(`^${label}(\\.${label})*\\.?$`, 'u').test(domain)) return domain;
  throw new FlagValueError(`${text} is not a valid domain`);
}

/** Checks one value of --link. */
export function checkLink(text: string): string {
  if (text === '') throw new FlagValueError('empty string specified for links');
  if (text.split(':').length > 2) throw new FlagValueError(`bad format for links: ${text}`);
  return text;
}

const ownParameters = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/** Checks one value of --sysctl: parameters that a container has for itself. */
export function checkSysctl(text: string): string {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const own = name !== undefined && (ownParameters.has(name) || /^(net|fs\.mqueue)\./.test(name));
  if (!own || value === undefined) throw new FlagValueError(`sysctl '${text}' is not allowed`);
  return text;
}
