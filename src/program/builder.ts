import type { GroupEntry } from './entry.ts';
import { build } from './image.ts';

/** The verbs of `builder`. */
export const builderGroup: GroupEntry = {
  name: 'builder',
  summary: 'Manage builds',
  commands: [
    build,
    {
      name: 'du',
      summary: 'Show what the build cache takes',
      load: () => import('../commands/builder/du.ts'),
    },
    {
      name: 'history',
      summary: 'List the builds that were',
      load: () => import('../commands/builder/history.ts'),
    },
    {
      name: 'inspect',
      summary: 'Show the steps of a build',
      load: () => import('../commands/builder/inspect.ts'),
    },
    {
      name: 'prune',
      summary: 'Remove build cache',
      load: () => import('../commands/builder/prune.ts'),
    },
  ],
};
