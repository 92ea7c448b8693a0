import { type PortBinding, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { joinHostPort } from '../../format/lists/container.ts';
import { between, defineCommand } from '../command.ts';

/** A port with its protocol, as the engine names it. Throws CommandError. */
export function readPort(text: string): string {
  const [port = '', protocol = 'tcp'] = text.split(/\/(.*)/s);
  const refuse = (why: string) =>
    new CommandError(`Error: invalid port (${port}): strconv.ParseUint: parsing ${JSON.stringify(port)}: ${why}`);
  if (!/^\d+$/.test(port)) throw refuse('invalid syntax');
  if (Number(port) > 65535) throw refuse('value out of range');
  return `${Number(port)}/${protocol}`;
}

/** Orders texts as people count: `80/tcp` before `443/tcp`. */
function byNumber(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10) || (one < other ? -1 : 1);
}

function addresses(bindings: PortBinding[]): string[] {
  return bindings.map(({ HostIp, HostPort }) => joinHostPort(HostIp, HostPort));
}

export default defineCommand({
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  examples: [{ command: 'port web 80', explanation: 'Where its port 80 is found on this machine' }],
  arguments: between(1, 2),
  flags: {},
  run: async (_options, [name = '', wanted], context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const container = await client.call(routes.containerInspect, { path: { name } });
    const ports = container.NetworkSettings.Ports ?? {};
    if (wanted === undefined) {
      for (const port of Object.keys(ports).sort(byNumber)) {
        for (const address of addresses(ports[port] ?? [])) await out.line(`${port} -> ${address}`);
      }
      return 0;
    }
    const port = readPort(wanted);
    const found = addresses(ports[port] ?? []);
    if (found.length === 0) throw new CommandError(`Error: No public port '${port}' published for ${name}`);
    for (const address of found) await out.line(address);
    return 0;
  },
});
