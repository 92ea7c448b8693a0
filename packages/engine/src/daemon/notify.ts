import { closeSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

/** Tells systemd, if it started the engine, how it is (sd_notify): `READY=1`, `STOPPING=1`. */
export function notifySystemd(state: string, env: NodeJS.ProcessEnv): void {
  const path = env.NOTIFY_SOCKET;
  if (!path) return;
  try {
    const { DgramSocket } = createRequire(import.meta.url)(
      'node-unix-socket',
    ) as typeof import('node-unix-socket');
    const socket = new DgramSocket();
    const message = Buffer.from(`${state}\nMAINPID=${process.pid}\n`);
    // The kernel's names that have no file begin with a zero byte, which systemd writes as @.
    socket.sendTo(message, 0, message.length, path.replace(/^@/, '\0'), () => socket.close());
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
