import type { CommandEntry, GroupEntry } from './entry.ts';

const dialStdio: CommandEntry = {
  name: 'dial-stdio',
  summary: 'Connect standard input and output to the engine',
  hidden: true,
  load: () => import('../commands/system/dial-stdio.ts'),
};
export const events: CommandEntry = {
  name: 'events',
  summary: 'Get real time events from the server',
  load: () => import('../commands/events.ts'),
};
const check: CommandEntry = {
  name: 'check',
  summary: 'Examine this machine for what the engine needs',
  load: () => import('../commands/system/check.ts'),
};
const systemPrune: CommandEntry = {
  name: 'prune',
  summary: 'Remove unused data',
  load: () => import('../commands/system/prune.ts'),
};
const diskUsage: CommandEntry = {
  name: 'df',
  summary: 'Show docker disk usage',
  load: () => import('../commands/system/df.ts'),
};
export const info: CommandEntry = {
  name: 'info',
  summary: 'Display system-wide information',
  common: true,
  load: () => import('../commands/info.ts'),
};
export const inspect: CommandEntry = {
  name: 'inspect',
  summary: 'Return low-level information on Docker objects',
  load: () => import('../commands/inspect.ts'),
};
export const version: CommandEntry = {
  name: 'version',
  summary: 'Show the version information',
  common: true,
  load: () => import('../commands/version.ts'),
};
export const login: CommandEntry = {
  name: 'login',
  summary: 'Authenticate to a registry',
  common: true,
  load: () => import('../commands/login.ts'),
};
export const logout: CommandEntry = {
  name: 'logout',
  summary: 'Log out from a registry',
  common: true,
  load: () => import('../commands/logout.ts'),
};
export const search: CommandEntry = {
  name: 'search',
  summary: 'Search Docker Hub for images',
  load: () => import('../commands/search.ts'),
};

/** The verbs of `system`. */
export const systemGroup: GroupEntry = {
  name: 'system',
  summary: 'Manage the engine',
  commands: [check, dialStdio, diskUsage, events, info, systemPrune],
};
