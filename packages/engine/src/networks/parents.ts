import { randomBytes } from 'node:crypto';
import { EngineError, messageOf } from '../errors.ts';
import { ProgramFailed, run } from '../process.ts';
import type { NetworkRecord } from '../state/networks.ts';
import { deviceNames } from './bridge.ts';
import { kindOf, type Parent } from './sandbox.ts';

type Options = Readonly<Record<string, string>>;

/** The drivers of networks on a device of the host: devices with addresses of their own there, or with the host's. */
export type ParentDriver = Parent['driver'];

const kinds = {
  macvlan: { modes: ['bridge', 'private', 'vepa', 'passthru'], flags: [''] },
  ipvlan: { modes: ['l2', 'l3', 'l3s'], flags: ['bridge', 'private', 'vepa'] },
} as const;

/** Whether a driver is one of those; others have a bridge or nothing. */
export function isParentDriver(driver: string): driver is ParentDriver {
  return Object.hasOwn(kinds, driver);
}

/** Reads what a network is on; null for one that is on no device of the host. */
export function parentOf({ driver, wishes }: Pick<NetworkRecord, 'driver' | 'wishes'>): Parent | null {
  return isParentDriver(driver) ? parentIn(driver, wishes.options) : null;
}

function parentIn(driver: ParentDriver, options: Options): Parent {
  const { modes, flags } = kinds[driver];
  return {
    driver,
    device: options.parent ?? '',
    mode: options[`${driver}_mode`] || modes[0],
    flag: options[`${driver}_flag`] || flags[0],
  };
}

/** Whether containers send to the device and not to a gateway: what is behind it routes, and knows no neighbours. */
export function isRouted(parent: Parent | null): boolean {
  return parent?.mode.startsWith('l3') ?? false;
}

/** Refuses options of a network on a device of the host that cannot be, in dockerd's words where it has some. */
export function checkParent(
  driver: ParentDriver,
  options: Options,
  networks: readonly NetworkRecord[],
): void {
  const { device, mode, flag } = parentIn(driver, options);
  const { modes, flags } = kinds[driver];
  if (!modes.some((known) => known === mode)) {
    refuse(
      `requested ${driver} mode '${mode}' is not valid, '${modes[0]}' mode is the ${driver} driver default`,
    );
  }
  if (!flags.some((known) => known === flag)) {
    refuse(
      `requested ${driver} flag '${flag}' is not valid, '${flags[0]}' is the ${driver} driver default flag`,
    );
  }
  if (device === '')
    refuse(`a network of the driver ${driver} is on a device of the host: name it with -o parent=`);
  if (device === 'lo') refuse(`loopback interface is not a valid ${driver} parent link`);
  if (!/^[^\s/-][^\s/]{0,14}$/.test(device)) refuse(`invalid parent interface ${JSON.stringify(device)}`);
  for (const other of networks) {
    const taken = parentOf(other);
    if (taken?.device !== device) continue;
    if (taken.driver !== driver) {
      refuse(
        `network ${other.name} of the driver ${taken.driver} is on ${device} already, and the kernel allows one`,
      );
    }
    if ([mode, taken.mode].includes('passthru')) {
      refuse(`network ${other.name} is on ${device} already, and passthru leaves nothing of it to others`);
    }
  }
}

/** Makes a device as a network needs them and takes it away again: not every kernel can. */
export async function tryParent(parent: Parent): Promise<void> {
  const { device, driver } = parent;
  if (!deviceNames().has(device)) {
    const [, on, number] = /^(.+)\.(\d+)$/.exec(device) ?? [];
    const help = on ? `: make it with ip link add link ${on} name ${device} type vlan id ${number}` : '';
    refuse(`the requested parent interface ${device} was not found on the Docker host${help}`);
  }
  const name = `dvt-${randomBytes(5).toString('hex')}`;
  try {
    await run('ip', ['link', 'add', 'link', device, 'name', name, ...kindOf(parent)]);
    await run('ip', ['link', 'delete', name]);
  } catch (error) {
    const lacking = error instanceof ProgramFailed && /Unknown device type|not supported/i.test(error.stderr);
    const reason = lacking
      ? `this kernel lacks the module ${driver} (modprobe ${driver} loads it where it is installed)`
      : messageOf(error);
    throw new EngineError('unavailable', `failed to make a device of ${driver} on ${device}: ${reason}`, {
      cause: error,
    });
  }
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}
