import { flag } from '../../../flag.ts';
import { parseMount } from '../mounts.ts';
import { listOf } from './kinds.ts';

const group = { group: 'Files and volumes' };

/** The files that a container sees. */
export const storageFlags = {
  volume: flag.list({
    short: 'v',
    value: 'source:target[:options]',
    summary: 'Mount a path or a volume',
    ...group,
  }),
  mount: flag.custom({
    value: 'type=…,src=…,dst=…',
    summary: 'Mount a path, volume or tmpfs',
    ...group,
    ...listOf('mount', parseMount),
  }),
  tmpfs: flag.list({ value: 'path[:options]', summary: 'Mount a file system in memory', ...group }),
  volumesFrom: flag.list({
    value: 'container',
    summary: 'Mount all that another container mounts',
    ...group,
  }),
  volumeDriver: flag.string({ value: 'driver', summary: 'Driver of new volumes', ...group }),
  readOnly: flag.boolean({ summary: 'Make the root file system read-only', ...group }),
  storageOpt: flag.list({ value: 'name=value', summary: "Options of the container's storage", ...group }),
  useApiSocket: flag.boolean({ summary: "Give it the engine's socket and your logins", ...group }),
  shmSize: flag.bytes({ value: 'bytes', summary: 'Size of /dev/shm', default: 0, ...group }),
};
