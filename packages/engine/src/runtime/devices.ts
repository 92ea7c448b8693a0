import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { OciDevice, OciDeviceRule } from './oci.ts';

export interface DeviceNumber {
  major: number;
  minor: number;
}

/** The host's devices that a container has to do with. */
export interface Devices {
  nodes: OciDevice[];
  rules: OciDeviceRule[];
  /** Numbers of the block devices whose I/O is limited, by their path. */
  numbers: Record<string, DeviceNumber>;
}

type DeviceWishes = Pick<
  HostConfig,
  | 'Privileged'
  | 'Devices'
  | 'DeviceCgroupRules'
  | 'BlkioWeightDevice'
  | 'BlkioDeviceReadBps'
  | 'BlkioDeviceWriteBps'
  | 'BlkioDeviceReadIOps'
  | 'BlkioDeviceWriteIOps'
>;

/** Files in /dev that belong to the host's own terminals, console and mounts: a container has its own. */
const ownInContainer = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev']);

/** Devices that every container gets from the OCI runtime: to list them again would only cost time. */
const madeByRuntime = new Set(['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'console']);

/**
 * Looks up the host's devices that a container asks for: all of them when it is privileged, else those of
 * `--device`, and what `--device-cgroup-rule` allows. Throws in dockerd's words.
 */
export async function resolveDevices(hostConfig: DeviceWishes): Promise<Devices> {
  const nodes: OciDevice[] = [];
  const numbers = await numbersOfLimited(hostConfig);
  const rules = (hostConfig.DeviceCgroupRules ?? []).map(parseDeviceRule);
  if (hostConfig.Privileged) {
    const everything: OciDeviceRule = { allow: true, access: 'rwm' };
    return { nodes: await devicesBelow('/dev', '/dev'), rules: [everything, ...rules], numbers };
  }
  for (const wish of hostConfig.Devices ?? []) {
    const found = await devicesAt(wish.PathOnHost, wish.PathInContainer || wish.PathOnHost);
    nodes.push(...found);
    for (const { type, major, minor } of found) {
      if (type === 'p') continue;
      rules.push({ allow: true, type, major, minor, access: wish.CgroupPermissions || 'rwm' });
    }
  }
  return { nodes, rules, numbers };
}

/** A device or all devices in a folder. */
async function devicesAt(onHost: string, inContainer: string): Promise<OciDevice[]> {
  const fail = (reason: string) =>
    new EngineError(
      'internal',
      `error gathering device information while adding custom device ${JSON.stringify(onHost)}: ${reason}`,
    );
  let info: Stats;
  try {
    info = await stat(onHost);
  } catch (error) {
    throw fail(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : 'cannot be read',
    );
  }
  if (info.isDirectory()) {
    const found = await devicesBelow(onHost, inContainer);
    if (found.length > 0) return found;
  }
  const device = describeDevice(info, inContainer);
  if (!device) throw fail('not a device node');
  return [device];
}

async function devicesBelow(onHost: string, inContainer: string): Promise<OciDevice[]> {
  const entries = await readdir(onHost, { withFileTypes: true }).catch(() => []);
  const isTop = onHost === '/dev';
  const found = await Promise.all(
    entries.map(async (entry): Promise<OciDevice[]> => {
      if (isTop && (ownInContainer.has(entry.name) || madeByRuntime.has(entry.name))) return [];
      const [from, to] = [join(onHost, entry.name), join(inContainer, entry.name)];
      if (entry.isDirectory()) return devicesBelow(from, to);
      if (!entry.isCharacterDevice() && !entry.isBlockDevice() && !entry.isFIFO()) return [];
      // A device may be unplugged while the folder is read.
      const info = await stat(from).catch(() => null);
      const device = info && describeDevice(info, to);
      return device ? [device] : [];
    }),
  );
  return found.flat();
}

function describeDevice(info: Stats, path: string): OciDevice | null {
  const type = info.isBlockDevice() ? 'b' : info.isCharacterDevice() ? 'c' : info.isFIFO() ? 'p' : null;
  if (!type) return null;
  const { major, minor } = splitDeviceNumber(info.rdev);
  return { type, path, major, minor, fileMode: info.mode & 0o777, uid: info.uid, gid: info.gid };
}

/** Major and minor number of a device: their bits are interleaved in one number. */
export function splitDeviceNumber(rdev: number): DeviceNumber {
  const bits = BigInt(rdev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

async function numbersOfLimited(hostConfig: DeviceWishes): Promise<Record<string, DeviceNumber>> {
  const limited = [
    hostConfig.BlkioWeightDevice,
    hostConfig.BlkioDeviceReadBps,
    hostConfig.BlkioDeviceWriteBps,
    hostConfig.BlkioDeviceReadIOps,
    hostConfig.BlkioDeviceWriteIOps,
  ].flatMap((list) => (list ?? []).map(({ Path }) => Path));
  const pairs = limited.map(async (path): Promise<[string, DeviceNumber]> => {
    try {
      return [path, splitDeviceNumber((await stat(path)).rdev)];
    } catch (error) {
      throw new EngineError('internal', `${path}: no such file or directory`, { cause: error });
    }
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Reads a rule of `--device-cgroup-rule`: `c 1:3 rwm`, where a number may be `*`. */
export function parseDeviceRule(text: string): OciDeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (!match) {
    throw new EngineError('badParameter', `invalid device cgroup rule format: '${text}'`);
  }
  const [, type, major, minor, access = ''] = match;
  return {
    allow: true,
    type: type as 'a' | 'b' | 'c',
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access,
  };
}
