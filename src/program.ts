import type { AnyCommand } from './commands/command.ts';

/** A command in the tree; its module is loaded when it is chosen. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Listed among the everyday commands in the program's help. */
  readonly common?: boolean;
  readonly load: () => Promise<{ default: AnyCommand }>;
}

/** A noun and its verbs. */
export interface GroupEntry {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandEntry[];
}

/** A command found by its words. */
export interface FoundCommand {
  readonly kind: 'command';
  readonly entry: CommandEntry;
  /** Its words, as they are written in help: `container ls`. */
  readonly path: string;
  readonly rest: string[];
}

export interface FoundGroup {
  readonly kind: 'group';
  readonly group: GroupEntry;
  readonly rest: string[];
}

const attach: CommandEntry = {
  name: 'attach',
  summary: 'Attach standard input, output and error to a running container',
  load: () => import('./commands/container/attach.ts'),
};
const create: CommandEntry = {
  name: 'create',
  summary: 'Create a new container',
  load: () => import('./commands/container/create.ts'),
};
const exec: CommandEntry = {
  name: 'exec',
  summary: 'Execute a command in a running container',
  common: true,
  load: () => import('./commands/container/exec.ts'),
};
const run: CommandEntry = {
  name: 'run',
  summary: 'Create and run a new container from an image',
  common: true,
  load: () => import('./commands/container/run.ts'),
};
const start: CommandEntry = {
  name: 'start',
  summary: 'Start one or more stopped containers',
  load: () => import('./commands/container/start.ts'),
};
const wait: CommandEntry = {
  name: 'wait',
  summary: 'Block until one or more containers stop, then print their exit codes',
  load: () => import('./commands/container/wait.ts'),
};

/** Nouns, in the order of help. */
export const groups: readonly GroupEntry[] = [
  { name: 'container', summary: 'Manage containers', commands: [attach, create, exec, run, start, wait] },
];

/** Commands that need no noun. */
export const commands: readonly CommandEntry[] = [run, exec, attach, create, start, wait];

/** Finds the command or noun that the words begin with; null when there is none of that name. */
export function findCommand(words: string[]): FoundCommand | FoundGroup | null {
  const [first = '', ...rest] = words;
  const command = byName(commands, first);
  if (command) return { kind: 'command', entry: command, path: command.name, rest };
  const group = groups.find(({ name }) => name === first);
  if (!group) return null;
  const verb = byName(group.commands, rest[0] ?? '');
  if (!verb) return { kind: 'group', group, rest };
  return { kind: 'command', entry: verb, path: `${group.name} ${verb.name}`, rest: rest.slice(1) };
}

/** All words by which a command can be called, for help: `container ls`, `ps`. */
export function otherNames(entry: CommandEntry): string[] {
  const below = groups.flatMap((group) =>
    group.commands
      .filter(({ load }) => load === entry.load)
      .flatMap(({ name, aliases = [] }) => [name, ...aliases].map((word) => `${group.name} ${word}`)),
  );
  return [...below, ...commands.filter(({ load }) => load === entry.load).map(({ name }) => name)];
}

function byName(entries: readonly CommandEntry[], name: string): CommandEntry | undefined {
  return entries.find((entry) => entry.name === name || entry.aliases?.includes(name));
}
