import type { Topic } from './topic.ts';

/** A topic in the list of all; its text is loaded when it is asked for. */
export interface TopicEntry {
  readonly name: string;
  readonly load: () => Promise<{ default: Topic }>;
}

/** What `davit help` knows besides commands. */
export const topics: readonly TopicEntry[] = [
  { name: 'config.json', load: () => import('./config-json.ts') },
  { name: 'connections', load: () => import('./connections.ts') },
  { name: 'environment', load: () => import('./environment.ts') },
  { name: 'exit-codes', load: () => import('./exit-codes.ts') },
  { name: 'templates', load: () => import('./templates.ts') },
];
