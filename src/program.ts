import type { AnyCommand } from './commands/command.ts';

/** A command in the tree; its module is loaded when it is chosen. */
export interface CommandEntry {
  name: string;
  aliases?: string[];
  summary: string;
  /** Heading below which the program's help lists it; not listed at the top when left out. */
  group?: 'common' | 'management' | 'commands';
  load: () => Promise<{ default: AnyCommand }>;
}

/** A noun and its verbs. */
export interface GroupEntry {
  name: string;
  summary: string;
  commands: CommandEntry[];
}

const container: CommandEntry[] = [];
const image: CommandEntry[] = [];
const system: CommandEntry[] = [];

export const groups: GroupEntry[] = [
  { name: 'container', summary: 'Manage containers', commands: container },
  { name: 'image', summary: 'Manage images', commands: image },
  { name: 'system', summary: 'Manage the engine', commands: system },
];
