import { closeSync, writeSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { libc, throwErrno } from '../kernel/libc.ts';
import { openSocket, unixAddress } from '../kernel/socket.ts';
import { log } from '../log.ts';

/** Tells systemd, if it started the engine, how it is (sd_notify): `READY=1`, `STOPPING=1`. */
export function notifySystemd(state: string, env: NodeJS.ProcessEnv): void {
  const path = env.NOTIFY_SOCKET;
  if (!path) return;
  try {
    const descriptor = openSocket('datagram');
    try {
      const message = Buffer.from(`${state}\nMAINPID=${process.pid}\n`);
      // The kernel's names that have no file begin with a zero byte, which systemd writes as @.
      const address = unixAddress(path.replace(/^@/, '\0'));
      const sent = libc().sendto(descriptor, message, message.length, 0, address, address.length);
      if (sent === -1) throwErrno('sendto');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    log.warn(`cannot notify systemd: ${messageOf(error)}`);
  }
}

/** The descriptor on which whoever started the engine on demand waits for it to be ready; null when nobody does. */
export function readinessDescriptor(env: NodeJS.ProcessEnv): number | null {
  return /^\d{1,3}$/.test(env.DAVITD_READY_FD ?? '') ? Number(env.DAVITD_READY_FD) : null;
}

/** Writes a line to that descriptor: `ready`, or what keeps the engine from it. */
export function tellStarter(env: NodeJS.ProcessEnv, line: string): void {
  const fd = readinessDescriptor(env);
  if (fd === null) return;
  try {
    writeSync(fd, `${line}\n`);
    // A standard stream stays open: its number would go to the next file that is opened.
    if (fd > 2) closeSync(fd);
  } catch (error) {
    log.debug(`nobody waits for the engine: ${messageOf(error)}`);
  }
}
