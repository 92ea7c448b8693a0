import type { PortBinding } from '@davit/api';

/** Published and exposed ports, as they go into Config and HostConfig. */
export interface Ports {
  exposed: Record<string, Record<string, never>>;
  bindings: Record<string, PortBinding[]>;
}

/** Reads the values of --publish and --expose. Throws in docker's words. */
export function parsePorts(publish: string[], expose: string[]): Ports {
  const ports: Ports = { exposed: {}, bindings: {} };
  for (const one of publish) {
    for (const { port, binding } of parsePublished(shortForm(one))) {
      ports.exposed[port] = {};
      ports.bindings[port] = [...(ports.bindings[port] ?? []), binding];
    }
  }
  for (const one of expose) for (const port of parseExposed(one)) ports.exposed[port] = {};
  return ports;
}

/** `published=80,target=8080,protocol=udp` in the notation with colons. */
function shortForm(publish: string): string {
  if (!publish.includes('=')) return publish;
  const fields: Record<string, string> = { protocol: 'tcp' };
  for (const field of publish.split(',')) {
    const at = field.indexOf('=');
    if (at <= 0) {
      throw new Error(`invalid publish opts format (should be name=value but got '${field}')`);
    }
    fields[field.slice(0, at)] = field.slice(at + 1);
  }
  return `${fields.published ?? ''}:${fields.target ?? ''}/${fields.protocol}`;
}

interface Published {
  port: string;
  binding: PortBinding;
}

/** Reads `[[IP:]HOSTPORT:]PORT[/PROTOCOL]`, where ports may be ranges. */
function parsePublished(spec: string): Published[] {
  const { address, hostPort, containerPort } = splitSpec(spec);
  const { protocol, port } = splitProtocol(containerPort);
  const ip = parseAddress(address);
  if (port === '') throw new Error(`no port specified: ${spec}<empty>`);
  const container = parseRange(port) ?? fail(`invalid containerPort: ${port}`);
  const host = hostPort === '' ? null : (parseRange(hostPort) ?? fail(`invalid hostPort: ${hostPort}`));
  const count = container.last - container.first + 1;
  if (host && host.last - host.first !== container.last - container.first && count > 1) {
    throw new Error(`invalid ranges specified for container and host Ports: ${port} and ${hostPort}`);
  }
  const lower = protocol.toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(lower)) throw new Error(`invalid proto: ${lower}`);
  return Array.from({ length: count }, (_, index) => {
    let published = host ? String(host.first + index) : '';
    // One container port may be bound to any of a range.
    if (host && count === 1 && host.first !== host.last) published += `-${host.last}`;
    return {
      port: `${container.first + index}/${lower}`,
      binding: { HostIp: ip, HostPort: published },
    };
  });
}

function splitSpec(spec: string): { address: string; hostPort: string; containerPort: string } {
  const parts = spec.split(':');
  const containerPort = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  return { address: parts.join(':'), hostPort, containerPort };
}

function parseAddress(address: string): string {
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address;
  if (bare !== '' && !isAddress(bare)) throw new Error(`invalid IP address: ${bare}`);
  return bare;
}

/** Whether a text is an IPv4 or IPv6 address without a zone. */
export function isAddress(text: string): boolean {
  if (text.includes(':')) return URL.canParse(`http://[${text}]/`);
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function splitProtocol(port: string): { protocol: string; port: string } {
  const [number = '', protocol = ''] = port.split('/');
  return number === '' ? { protocol: '', port: '' } : { protocol: protocol || 'tcp', port: number };
}

interface Range {
  first: number;
  last: number;
}

/** Reads `80` or `80-90`; null for what is none. */
function parseRange(text: string): Range | null {
  const [first = '', last = first] = text.split('-');
  const isPort = (one: string) => /^\d+$/.test(one) && Number(one) <= 65_535;
  if (!isPort(first) || !isPort(last) || Number(last) < Number(first)) return null;
  return { first: Number(first), last: Number(last) };
}

function parseExposed(spec: string): string[] {
  if (spec.includes(':')) throw new Error(`invalid port format for --expose: ${spec}`);
  const { protocol, port } = splitProtocol(spec);
  const range = parseRange(port);
  if (!range) throw new Error(`invalid range format for --expose: ${spec}, error: ${rangeProblem(port)}`);
  const count = range.last - range.first + 1;
  return Array.from({ length: count }, (_, index) => `${range.first + index}/${protocol}`);
}

/** What Go's parser says about a range that it cannot read. */
function rangeProblem(text: string): string {
  if (text === '') return 'empty string specified for ports';
  const [first = '', last = first] = text.split('-');
  for (const one of [first, last]) {
    if (!/^\d+$/.test(one)) return `strconv.ParseUint: parsing ${JSON.stringify(one)}: invalid syntax`;
    if (Number(one) > 65_535) return `strconv.ParseUint: parsing ${JSON.stringify(one)}: value out of range`;
  }
  return `invalid range specified for port: ${text}`;
}

function fail(message: string): never {
  throw new Error(message);
}
