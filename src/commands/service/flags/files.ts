import { listOf } from '../../container/options/flags/kinds.ts';
import { parseMount } from '../../container/options/mounts.ts';
import { flag } from '../../flag.ts';
import { wantedFile } from '../spec/files.ts';
import { reading } from './kinds.ts';

const group = { group: 'Files and volumes' };
const mount = {
  value: 'type=…,src=…,dst=…',
  summary: 'Mount a volume, a path of the node or a tmpfs',
  ...group,
  ...listOf('mount', parseMount),
};
const secret = {
  value: 'name',
  summary: 'Show them a secret below /run/secrets',
  ...group,
  ...listOf('secret', reading(wantedFile('secret'))),
};
const config = {
  value: 'name',
  summary: 'Show them a config',
  since: '1.30',
  ...group,
  ...listOf('config', reading(wantedFile('config'))),
};
const removed = (what: string, value = 'name') => flag.list({ value, summary: `Remove ${what}`, ...group });

/** The files that containers see, for services that are made. */
export const fileCreateFlags = {
  mount: flag.custom(mount),
  secret: flag.custom(secret),
  config: flag.custom(config),
};

/** The same for services that are changed. */
export const fileUpdateFlags = {
  mountAdd: flag.custom(mount),
  mountRm: removed('a mount', 'target'),
  secretAdd: flag.custom(secret),
  secretRm: removed('a secret'),
  configAdd: flag.custom(config),
  configRm: removed('a config'),
};
