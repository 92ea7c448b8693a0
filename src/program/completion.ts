import type { GroupEntry } from './entry.ts';

/** The verbs of `completion`. */
export const completionGroup: GroupEntry = {
  name: 'completion',
  summary: 'Generate the autocompletion script for a shell',
  commands: [
    { name: 'bash', summary: 'For bash', load: () => import('../commands/completion/bash.ts') },
    { name: 'fish', summary: 'For fish', load: () => import('../commands/completion/fish.ts') },
    { name: 'zsh', summary: 'For zsh', load: () => import('../commands/completion/zsh.ts') },
  ],
};
