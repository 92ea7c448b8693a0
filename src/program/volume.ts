import type { GroupEntry } from './entry.ts';

/** The verbs of `volume`. */
export const volumeGroup: GroupEntry = {
  name: 'volume',
  summary: 'Manage volumes',
  commands: [
    {
      name: 'create',
      summary: 'Create a volume',
      load: () => import('../commands/volume/create.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display detailed information on one or more volumes',
      load: () => import('../commands/volume/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List volumes',
      load: () => import('../commands/volume/ls.ts'),
    },
    {
      name: 'prune',
      summary: 'Remove unused local volumes',
      load: () => import('../commands/volume/prune.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove one or more volumes',
      load: () => import('../commands/volume/rm.ts'),
    },
    {
      name: 'update',
      summary: 'Update a volume (cluster volumes only)',
      load: () => import('../commands/volume/update.ts'),
    },
  ],
};
