import { type PortBinding, routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { joinHostPort } from '../../format/lists/container.ts';
import { compareNaturally } from '../../format/natural.ts';
import { between, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';

/** A port with its protocol, as the engine names it. Throws CommandError. */
export function readPort(text: string): string {
  const [port = '', protocol = ''] = text.split(/\/(.*)/s);
  const refuse = (why: string) =>
    new CommandError(
      `Error: invalid port (${port}): strconv.ParseUint: parsing ${JSON.stringify(port)}: ${why}`,
    );
  if (!/^\d+$/.test(port)) throw refuse('invalid syntax');
  if (Number(port) > 65535) throw refuse('value out of range');
  return `${port}/${protocol || 'tcp'}`;
}

function addresses(bindings: PortBinding[]): string[] {
  return bindings.map(({ HostIp, HostPort }) => joinHostPort(HostIp, HostPort));
}

export default defineCommand({
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  examples: [
    { command: 'port web', explanation: 'All its ports' },
    { command: 'port web 80', explanation: 'Where its port 80 is found on this machine' },
  ],
  arguments: between(1, 2),
  flags: {},
  run: async (_options, [name = '', wanted], context) => {
    const { out } = context.streams;
    const client = await context.connect();
    const container = await client.call(routes.containerInspect, { path: containerPath(name) });
    const ports = container.NetworkSettings.Ports ?? {};
    if (wanted === undefined) {
      const lines = Object.entries(ports).flatMap(([port, bindings]) =>
        addresses(bindings ?? []).map((address) => `${port} -> ${address}`),
      );
      for (const line of lines.sort(compareNaturally)) await out.line(line);
      return 0;
    }
    const found = addresses(ports[readPort(wanted)] ?? []);
    if (found.length === 0) throw new CommandError(`Error: No public port '${wanted}' published for ${name}`);
    for (const address of found) await out.line(address);
    return 0;
  },
});
