import { builderGroup } from './program/builder.ts';
import { completionGroup } from './program/completion.ts';
import {
  attach,
  commit,
  containerGroup,
  cp,
  create,
  diff,
  exec,
  exportContainer,
  kill,
  logs,
  pause,
  port,
  ps,
  rename,
  restart,
  rm,
  run,
  start,
  stats,
  stop,
  top,
  unpause,
  update,
  wait,
} from './program/container.ts';
import { contextGroup } from './program/context.ts';
import { events, info, inspect, login, logout, search, systemGroup, version } from './program/engine.ts';
import type { CommandEntry, GroupEntry } from './program/entry.ts';
import {
  build,
  historyOfImage,
  imageGroup,
  images,
  importImage,
  load,
  pull,
  push,
  rmi,
  save,
  tag,
} from './program/image.ts';
import { manifestGroup } from './program/manifest.ts';
import { networkGroup } from './program/network.ts';
import { swarmGroups } from './program/swarm.ts';
import { volumeGroup } from './program/volume.ts';

export type { CommandEntry, GroupEntry } from './program/entry.ts';

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

/** Nouns, in the order of help. */
export const groups: readonly GroupEntry[] = [
  builderGroup,
  containerGroup,
  imageGroup,
  completionGroup,
  contextGroup,
  manifestGroup,
  networkGroup,
  systemGroup,
  volumeGroup,
  ...swarmGroups,
];

/** Commands that need no noun. */
export const commands: readonly CommandEntry[] = [
  run,
  exec,
  ps,
  build,
  pull,
  push,
  images,
  login,
  logout,
  version,
  info,
  attach,
  commit,
  cp,
  create,
  diff,
  events,
  exportContainer,
  historyOfImage,
  importImage,
  inspect,
  kill,
  load,
  logs,
  pause,
  port,
  rename,
  restart,
  rm,
  rmi,
  save,
  search,
  start,
  stop,
  tag,
  stats,
  top,
  unpause,
  update,
  wait,
];

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

/** Whether a word is a command's or a noun's name, so that no plugin can have it. */
export function isTaken(name: string): boolean {
  return byName(commands, name) !== undefined || groups.some((group) => group.name === name);
}
