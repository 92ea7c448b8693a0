import { randomBytes } from 'node:crypto';
import { EngineError, messageOf } from '../errors.ts';
import { ProgramFailed, run } from '../process.ts';
import type { NetworkRecord } from '../state/networks.ts';
import { deviceNames } from './bridge.ts';
import type { Parent } from './sandbox.ts';

type Options = Readonly<Record<string, string>>;

const modes = ['bridge', 'private', 'vepa', 'passthru'];

/** Reads what a network of the driver macvlan is on. */
export function parentOf(options: Options): Parent {
  return { device: options.parent ?? '', mode: options.macvlan_mode || 'bridge' };
}

/** Refuses options of a network on a device of the host that cannot be, in dockerd's words where it has some. */
export function checkMacvlan(options: Options, networks: readonly NetworkRecord[]): void {
  const { device, mode } = parentOf(options);
  if (!modes.includes(mode)) {
    refuse(`requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`);
  }
  if (device === '')
    refuse('a network of the driver macvlan is on a device of the host: name it with -o parent=');
  if (device === 'lo') refuse('loopback interface is not a valid macvlan parent link');
  if (!/^[^\s/-][^\s/]{0,14}$/.test(device)) refuse(`invalid parent interface ${JSON.stringify(device)}`);
  const other = networks.find(
    ({ driver, wishes }) => driver === 'macvlan' && wishes.options.parent === device,
  );
  if (other && [mode, parentOf(other.wishes.options).mode].includes('passthru')) {
    refuse(`network ${other.name} is on ${device} already, and passthru leaves nothing of it to others`);
  }
}

/** Makes a device as a network needs them and takes it away again: not every kernel can. */
export async function tryMacvlan({ wishes }: Pick<NetworkRecord, 'wishes'>): Promise<void> {
  const { device, mode } = parentOf(wishes.options);
  if (!deviceNames().has(device)) {
    const [, on, number] = /^(.+)\.(\d+)$/.exec(device) ?? [];
    const help = on ? `: make it with ip link add link ${on} name ${device} type vlan id ${number}` : '';
    refuse(`the requested parent interface ${device} was not found on the Docker host${help}`);
  }
  const name = `dvt-${randomBytes(5).toString('hex')}`;
  try {
    await run('ip', ['link', 'add', 'link', device, 'name', name, 'type', 'macvlan', 'mode', mode]);
    await run('ip', ['link', 'delete', name]);
  } catch (error) {
    const lacking = error instanceof ProgramFailed && /Unknown device type|not supported/i.test(error.stderr);
    const reason = lacking
      ? 'this kernel lacks the module macvlan (modprobe macvlan loads it where it is installed)'
      : messageOf(error);
    throw new EngineError('unavailable', `failed to make a macvlan device on ${device}: ${reason}`, {
      cause: error,
    });
  }
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}
