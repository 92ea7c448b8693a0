import type { GroupEntry } from './entry.ts';

/** The verbs of `network`. */
export const networkGroup: GroupEntry = {
  name: 'network',
  summary: 'Manage networks',
  commands: [
    {
      name: 'connect',
      summary: 'Connect a container to a network',
      load: () => import('../commands/network/connect.ts'),
    },
    { name: 'create', summary: 'Create a network', load: () => import('../commands/network/create.ts') },
    {
      name: 'disconnect',
      summary: 'Disconnect a container from a network',
      load: () => import('../commands/network/disconnect.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display detailed information on one or more networks',
      load: () => import('../commands/network/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List networks',
      load: () => import('../commands/network/ls.ts'),
    },
    {
      name: 'prune',
      summary: 'Remove all unused networks',
      load: () => import('../commands/network/prune.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove one or more networks',
      load: () => import('../commands/network/rm.ts'),
    },
  ],
};
