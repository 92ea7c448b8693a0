import { readFileSync } from 'node:fs';

/** Tells this boot of the machine from all others. */
export const bootId: string = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
