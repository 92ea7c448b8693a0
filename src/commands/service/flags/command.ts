import type { OptionsOf } from '../../flag.ts';
import { flag } from '../../flag.ts';
import { fileCreateFlags, fileUpdateFlags } from './files.ts';
import { healthFlags } from './health.ts';
import { networkCreateFlags, networkUpdateFlags } from './network.ts';
import { placementCreateFlags, placementUpdateFlags } from './placement.ts';
import { processCreateFlags, processFlags, processUpdateFlags } from './process.ts';
import { resourceCreateFlags, resourceFlags, resourceUpdateFlags } from './resources.ts';
import { rolloutFlags } from './rollout.ts';

/** How a command waits for what it has asked a Swarm for. */
export const waitFlags = {
  detach: flag.boolean({ short: 'd', summary: 'Do not wait until the tasks run', since: '1.29' }),
  quiet: flag.boolean({ short: 'q', summary: 'Show no progress' }),
};

const imageFlags = {
  withRegistryAuth: flag.boolean({ summary: 'Send the login of the registry to the nodes' }),
  noResolveImage: flag.boolean({
    summary: 'Do not ask the registry for the digest and the platforms of the image',
    since: '1.30',
  }),
};

export const createFlags = {
  name: flag.string({ value: 'name', summary: 'Name of the service', default: '' }),
  ...waitFlags,
  ...imageFlags,
  ...processFlags,
  ...processCreateFlags,
  ...fileCreateFlags,
  ...networkCreateFlags,
  ...placementCreateFlags,
  ...rolloutFlags,
  ...resourceFlags,
  ...resourceCreateFlags,
  ...healthFlags,
};

export const updateFlags = {
  image: flag.string({ value: 'image', summary: 'Image of the containers' }),
  force: flag.boolean({ summary: 'Exchange the tasks even if nothing has changed', since: '1.25' }),
  rollback: flag.boolean({ summary: 'Go back to what the service was before', since: '1.25' }),
  ...waitFlags,
  ...imageFlags,
  ...processFlags,
  ...processUpdateFlags,
  ...fileUpdateFlags,
  ...networkUpdateFlags,
  ...placementUpdateFlags,
  ...rolloutFlags,
  ...resourceFlags,
  ...resourceUpdateFlags,
  ...healthFlags,
};

export type CreateOptions = OptionsOf<typeof createFlags>;
export type UpdateOptions = OptionsOf<typeof updateFlags>;
export type HealthOptions = OptionsOf<typeof healthFlags>;
export type RolloutOptions = OptionsOf<typeof rolloutFlags>;
