import type { OptionsOf } from '../../flag.ts';
import { diskFlags } from './flags/disk.ts';
import { healthFlags } from './flags/health.ts';
import { networkFlags } from './flags/network.ts';
import { obsoleteFlags } from './flags/obsolete.ts';
import { processFlags } from './flags/process.ts';
import { resourceFlags } from './flags/resources.ts';
import { securityFlags } from './flags/security.ts';
import { storageFlags } from './flags/storage.ts';
import type { NetworkChoice } from './networks.ts';

/** The flags of `create`, all of which `run` has too. */
export const createFlags = {
  ...processFlags,
  ...storageFlags,
  ...networkFlags,
  ...resourceFlags,
  ...diskFlags,
  ...securityFlags,
  ...healthFlags,
  ...obsoleteFlags,
};

export type CreateOptions = OptionsOf<typeof createFlags>;
export type { NetworkChoice };
