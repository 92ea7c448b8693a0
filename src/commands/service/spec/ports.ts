import type { ServicePort } from '@davit/api';
import { parsePorts } from '../../container/options/ports.ts';
import { splitFields } from '../../csv.ts';

/** Reads one value of --publish, `[PUBLISHED:]TARGET[/PROTOCOL]` or fields. Throws Error in docker's words. */
export function parseServicePorts(text: string): ServicePort[] {
  return /\w+=\w+/.test(text) ? [parseFields(text)] : parseShort(text);
}

function parseFields(text: string): ServicePort {
  const port: ServicePort = { Protocol: 'tcp', PublishMode: 'ingress' };
  for (const field of splitFields(text)) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(field.toLowerCase()) ?? [];
    switch (key) {
      case '':
        throw new Error(`invalid field: ${field}`);
      case 'protocol':
        if (!['tcp', 'udp', 'sctp'].includes(value)) throw new Error(`invalid protocol value '${value}'`);
        port.Protocol = value;
        break;
      case 'mode':
        if (value !== 'ingress' && value !== 'host') {
          throw new Error(`invalid publish mode value (${value}): must be either 'ingress' or 'host'`);
        }
        port.PublishMode = value;
        break;
      case 'target':
        port.TargetPort = portNumber('target', value);
        break;
      case 'published':
        port.PublishedPort = portNumber('published', value);
        break;
      default:
        throw new Error(`invalid field key: ${key}`);
    }
  }
  if (!port.TargetPort) throw new Error("missing mandatory field 'target'");
  return port.PublishedPort === 0 ? { ...port, PublishedPort: undefined } : port;
}

function portNumber(which: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  throw new Error(`invalid ${which} port (${text}): value must be an integer: ${why}`);
}

function parseShort(text: string): ServicePort[] {
  return Object.entries(parsePorts([text], []).bindings).flatMap(([port, bindings]) =>
    bindings.flatMap(({ HostIp, HostPort }) => {
      if (HostIp) throw new Error('hostip is not supported');
      const [target = '', protocol = 'tcp'] = port.split('/');
      const common = { Protocol: protocol, TargetPort: Number(target), PublishMode: 'ingress' };
      const [first = '', last = first] = (HostPort ?? '').split('-');
      if (first === '' || first === '0') return [common];
      const count = Number(last) - Number(first) + 1;
      return Array.from({ length: count }, (_, index) => ({
        ...common,
        PublishedPort: Number(first) + index,
      }));
    }),
  );
}

/** What tells one published port from another, and their order. */
const keyOf = ({
  PublishedPort = 0,
  TargetPort = 0,
  Protocol = 'tcp',
  PublishMode = 'ingress',
}: ServicePort) => `${PublishedPort}:${TargetPort}/${Protocol}/${PublishMode}`;

const isSameTarget = (one: ServicePort, other: ServicePort) =>
  (one.Protocol ?? 'tcp') === (other.Protocol ?? 'tcp') &&
  one.TargetPort === other.TargetPort &&
  (one.PublishMode ?? 'ingress') === (other.PublishMode ?? 'ingress');

/** Ports without those whose target is among `removed`, and with those of `added` that are new. */
export function changePorts(
  ports: readonly ServicePort[],
  { added, removed }: { added: readonly ServicePort[]; removed: readonly ServicePort[] },
): ServicePort[] {
  const known = new Set(ports.map(keyOf));
  const left = ports.filter((port) => !removed.some((one) => isSameTarget(one, port)));
  const all = [...left, ...added.filter((port) => !known.has(keyOf(port)))];
  return all.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}
