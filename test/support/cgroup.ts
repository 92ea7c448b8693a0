import { existsSync } from 'node:fs';

/** Which version of cgroups limits containers here. */
export const isVersion2 = existsSync('/sys/fs/cgroup/cgroup.controllers');

/** A file of a container's own cgroup as the container sees it: `memory/memory.limit_in_bytes` or `memory.max`. */
export const cgroupFile = (version1: string, version2: string): string =>
  `/sys/fs/cgroup/${isVersion2 ? version2 : version1}`;
