import { compareVersions } from '@davit/api';

/** The content type of a container's streams: clients of 1.42 and later are told whether they are multiplexed. */
export function streamType(tty: boolean, version: string): string {
  const isMultiplexed = !tty && compareVersions(version, '1.42') >= 0;
  return `application/vnd.docker.${isMultiplexed ? 'multiplexed' : 'raw'}-stream`;
}
