import type { AnyCommand } from '../commands/command.ts';

/** A command in the tree; its module is loaded when it is chosen. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Listed among the everyday commands in the program's help. */
  readonly common?: boolean;
  /** Works, but help does not list it. */
  readonly hidden?: boolean;
  readonly load: () => Promise<{ default: AnyCommand }>;
}

/** A noun and its verbs. */
export interface GroupEntry {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandEntry[];
}
