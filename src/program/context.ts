import type { GroupEntry } from './entry.ts';

/** The verbs of `context`. */
export const contextGroup: GroupEntry = {
  name: 'context',
  summary: 'Manage contexts',
  commands: [
    {
      name: 'create',
      summary: 'Create a context',
      load: () => import('../commands/context/create.ts'),
    },
    {
      name: 'export',
      summary: 'Export a context to a tar archive FILE or a tar stream on STDOUT',
      load: () => import('../commands/context/export.ts'),
    },
    {
      name: 'import',
      summary: 'Import a context from a tar or zip file',
      load: () => import('../commands/context/import.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display detailed information on one or more contexts',
      load: () => import('../commands/context/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List contexts',
      load: () => import('../commands/context/ls.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove one or more contexts',
      load: () => import('../commands/context/rm.ts'),
    },
    {
      name: 'show',
      summary: 'Print the name of the current context',
      load: () => import('../commands/context/show.ts'),
    },
    { name: 'update', summary: 'Update a context', load: () => import('../commands/context/update.ts') },
    {
      name: 'use',
      summary: 'Set the current docker context',
      load: () => import('../commands/context/use.ts'),
    },
  ],
};
