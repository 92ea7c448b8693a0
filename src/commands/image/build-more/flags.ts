import { flag } from '../../command.ts';

/** What the classic request to build has no field for: davit's own engine takes it. */
export const moreFlags = {
  allow: flag.list({ summary: 'Allow RUN network.host or security.insecure', value: 'ENTITLEMENT' }),
  buildContext: flag.list({
    summary: 'Name for a folder, or for an image as docker-image://NAME',
    value: 'NAME=PATH',
  }),
  cacheFrom: flag.list({
    summary: 'Take steps from an image, or from type=registry,ref=NAME or type=local,src=FOLDER',
    value: 'SOURCE',
  }),
  cacheTo: flag.list({
    summary: 'Keep steps in type=registry,ref=NAME, type=local,dest=FOLDER (mode=min|max) or type=inline',
    value: 'TARGET',
  }),
  metadataFile: flag.string({ summary: 'Write what was built to this file, as JSON', default: '' }),
  noCacheFilter: flag.list({ summary: 'Stage to build anew', value: 'STAGE' }),
  output: flag.string({
    short: 'o',
    summary: 'Where the result goes: a folder, -, or type=local|tar|oci|docker,dest=PATH',
    default: '',
  }),
  secret: flag.list({ summary: 'Secret for RUN, as id=ID,src=FILE or id=ID,env=NAME', value: 'SECRET' }),
  ssh: flag.list({ summary: 'SSH agent for RUN, as default or ID=SOCKET', value: 'AGENT' }),
};
