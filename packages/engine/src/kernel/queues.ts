import { writeFileSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { insideNetwork, makeNetwork } from './netns.ts';

/** How many packets may wait in a unix socket: unix(7). It is a setting of the network that the socket is made in. */
const setting = { path: '/proc/sys/net/unix/max_dgram_qlen', value: '256' };

/** The path of a network of the engine's own, in which nothing is but that setting; null when it cannot be had. */
let network: string | null | undefined;

/**
 * Opens a socket in which packets may queue up: with the ten that are the rule, whoever sends them and whoever reads
 * them wake each other all the time.
 */
export function openWithQueue(open: () => number): number {
  if (network === undefined) {
    try {
      network = makeNetwork(() => writeFileSync(setting.path, setting.value));
    } catch (error) {
      log.debug(`sockets have short queues: ${messageOf(error)}`);
      network = null;
    }
  }
  return network === null ? open() : insideNetwork(network, open);
}
