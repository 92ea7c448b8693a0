import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';
import { EngineError, messageOf } from '../errors.ts';
import { SystemCallFailed } from '../kernel/libc.ts';
import { mount, mountFlags } from '../kernel/mount.ts';
import { parseMountOptions } from './options.ts';

/**
 * Mounts what the options of a volume name on its folder: a folder of the host, a tmpfs, a device, NFS, CIFS.
 * Throws in docker's words.
 */
export async function mountLocal(options: Readonly<Record<string, string>>, target: string): Promise<void> {
  const { type = '', device = '', o = '' } = options;
  const { flags, propagation, data: wanted } = parseMountOptions(o);
  const data = /^(nfs|cifs)/.test(type) ? await withAddress(wanted, target) : wanted;
  try {
    mount(device, target, type, flags, data);
    // A bind takes no notice of anything else: the kernel wants to be told again.
    const { bind, remount, recursive } = mountFlags;
    const further = flags & ~(bind | recursive);
    if (flags & bind && further) mount('', target, '', bind | remount | further, '');
    if (propagation) mount('', target, '', propagation, '');
  } catch (error) {
    const what = `mount ${device}:${target}, flags: 0x${flags.toString(16)}${data && `, data: ${data}`}`;
    throw failure(target, `${what}: ${reasonOf(error, type)}`, error);
  }
}

function failure(target: string, reason: string, cause: unknown): EngineError {
  return new EngineError(
    'internal',
    `error while mounting volume '${target}': failed to mount local volume: ${reason}`,
    { cause },
  );
}

function reasonOf(error: unknown, type: string): string {
  if (!(error instanceof SystemCallFailed)) return messageOf(error);
  const number = constants.errno[error.code as keyof typeof constants.errno];
  const reason = number === undefined ? error.code : getSystemErrorMessage(-number);
  return error.code === 'ENODEV' ? `${reason} (this kernel has no file system ${type})` : reason;
}

/** The kernel wants a server's address and not its name. */
async function withAddress(data: string, target: string): Promise<string> {
  const words = await Promise.all(
    data.split(',').map(async (word) => {
      const [, name] = /^addr=(.+)$/.exec(word) ?? [];
      if (name === undefined || isIP(name) > 0) return word;
      try {
        return `addr=${(await lookup(name)).address}`;
      } catch (error) {
        throw failure(target, `error resolving passed in network volume address: ${messageOf(error)}`, error);
      }
    }),
  );
  return words.join(',');
}
