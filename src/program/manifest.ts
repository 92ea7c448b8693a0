import type { GroupEntry } from './entry.ts';

/** The verbs of `manifest`. */
export const manifestGroup: GroupEntry = {
  name: 'manifest',
  summary: 'Manage image manifests and manifest lists',
  commands: [
    {
      name: 'annotate',
      summary: 'Add additional information to a local image manifest',
      load: () => import('../commands/manifest/annotate.ts'),
    },
    {
      name: 'create',
      summary: 'Create a local manifest list for annotating and pushing to a registry',
      load: () => import('../commands/manifest/create.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display an image manifest, or manifest list',
      load: () => import('../commands/manifest/inspect.ts'),
    },
    {
      name: 'push',
      summary: 'Push a manifest list to a repository',
      load: () => import('../commands/manifest/push.ts'),
    },
    {
      name: 'rm',
      summary: 'Delete one or more manifest lists from local storage',
      load: () => import('../commands/manifest/rm.ts'),
    },
  ],
};
