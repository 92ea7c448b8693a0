import type { CommandEntry, GroupEntry } from './command-tree.ts';
import { swarmGroups } from './swarm-program.ts';

export type { CommandEntry, GroupEntry } from './command-tree.ts';

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
const commit: CommandEntry = {
  name: 'commit',
  summary: 'Create a new image from the changes of a container',
  load: () => import('./commands/container/commit.ts'),
};
const cp: CommandEntry = {
  name: 'cp',
  summary: 'Copy files/folders between a container and the local filesystem',
  load: () => import('./commands/container/cp.ts'),
};
const create: CommandEntry = {
  name: 'create',
  summary: 'Create a new container',
  load: () => import('./commands/container/create.ts'),
};
const diff: CommandEntry = {
  name: 'diff',
  summary: 'Inspect changes to files or directories on the filesystem of a container',
  load: () => import('./commands/container/diff.ts'),
};
const exec: CommandEntry = {
  name: 'exec',
  summary: 'Execute a command in a running container',
  common: true,
  load: () => import('./commands/container/exec.ts'),
};
const exportContainer: CommandEntry = {
  name: 'export',
  summary: 'Export the filesystem of a container as a tar archive',
  load: () => import('./commands/container/export.ts'),
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

const dialStdio: CommandEntry = {
  name: 'dial-stdio',
  summary: 'Connect standard input and output to the engine',
  hidden: true,
  load: () => import('./commands/system/dial-stdio.ts'),
};
const events: CommandEntry = {
  name: 'events',
  summary: 'Get real time events from the server',
  load: () => import('./commands/events.ts'),
};
const images: CommandEntry = {
  name: 'images',
  summary: 'List images',
  common: true,
  load: () => import('./commands/image/ls.ts'),
};
const importImage: CommandEntry = {
  name: 'import',
  summary: 'Import the contents from a tarball to create a filesystem image',
  load: () => import('./commands/image/import.ts'),
};
const systemPrune: CommandEntry = {
  name: 'prune',
  summary: 'Remove unused data',
  load: () => import('./commands/system/prune.ts'),
};
const diskUsage: CommandEntry = {
  name: 'df',
  summary: 'Show docker disk usage',
  load: () => import('./commands/system/df.ts'),
};
const info: CommandEntry = {
  name: 'info',
  summary: 'Display system-wide information',
  common: true,
  load: () => import('./commands/info.ts'),
};
const inspect: CommandEntry = {
  name: 'inspect',
  summary: 'Return low-level information on Docker objects',
  load: () => import('./commands/inspect.ts'),
};
const inspectContainer: CommandEntry = {
  name: 'inspect',
  summary: 'Display detailed information on one or more containers',
  load: () => import('./commands/container/inspect.ts'),
};
const inspectImage: CommandEntry = {
  name: 'inspect',
  summary: 'Display detailed information on one or more images',
  load: () => import('./commands/image/inspect.ts'),
};
const kill: CommandEntry = {
  name: 'kill',
  summary: 'Kill one or more running containers',
  load: () => import('./commands/container/kill.ts'),
};
const load: CommandEntry = {
  name: 'load',
  summary: 'Load an image from a tar archive or STDIN',
  load: () => import('./commands/image/load.ts'),
};
const logs: CommandEntry = {
  name: 'logs',
  summary: 'Fetch the logs of a container',
  load: () => import('./commands/container/logs.ts'),
};
const port: CommandEntry = {
  name: 'port',
  summary: 'List port mappings or a specific mapping for the container',
  load: () => import('./commands/container/port.ts'),
};
const ps: CommandEntry = {
  name: 'ps',
  summary: 'List containers',
  common: true,
  load: () => import('./commands/container/ls.ts'),
};
const rename: CommandEntry = {
  name: 'rename',
  summary: 'Rename a container',
  load: () => import('./commands/container/rename.ts'),
};
const pause: CommandEntry = {
  name: 'pause',
  summary: 'Pause all processes within one or more containers',
  load: () => import('./commands/container/pause.ts'),
};
const unpause: CommandEntry = {
  name: 'unpause',
  summary: 'Unpause all processes within one or more containers',
  load: () => import('./commands/container/unpause.ts'),
};
const stats: CommandEntry = {
  name: 'stats',
  summary: 'Display a live stream of container(s) resource usage statistics',
  load: () => import('./commands/container/stats.ts'),
};
const top: CommandEntry = {
  name: 'top',
  summary: 'Display the running processes of a container',
  load: () => import('./commands/container/top.ts'),
};
const update: CommandEntry = {
  name: 'update',
  summary: 'Update configuration of one or more containers',
  load: () => import('./commands/container/update.ts'),
};
const restart: CommandEntry = {
  name: 'restart',
  summary: 'Restart one or more containers',
  load: () => import('./commands/container/restart.ts'),
};
const rm: CommandEntry = {
  name: 'rm',
  summary: 'Remove one or more containers',
  load: () => import('./commands/container/rm.ts'),
};
const rmi: CommandEntry = {
  name: 'rmi',
  summary: 'Remove one or more images',
  load: () => import('./commands/image/rm.ts'),
};
const stop: CommandEntry = {
  name: 'stop',
  summary: 'Stop one or more running containers',
  load: () => import('./commands/container/stop.ts'),
};
const version: CommandEntry = {
  name: 'version',
  summary: 'Show the version information',
  common: true,
  load: () => import('./commands/version.ts'),
};
const historyOfImage: CommandEntry = {
  name: 'history',
  summary: 'Show the history of an image',
  load: () => import('./commands/image/history.ts'),
};
const login: CommandEntry = {
  name: 'login',
  summary: 'Authenticate to a registry',
  common: true,
  load: () => import('./commands/login.ts'),
};
const logout: CommandEntry = {
  name: 'logout',
  summary: 'Log out from a registry',
  common: true,
  load: () => import('./commands/logout.ts'),
};
const pruneContainers: CommandEntry = {
  name: 'prune',
  summary: 'Remove all stopped containers',
  load: () => import('./commands/container/prune.ts'),
};
const pruneImages: CommandEntry = {
  name: 'prune',
  summary: 'Remove unused images',
  load: () => import('./commands/image/prune.ts'),
};
const build: CommandEntry = {
  name: 'build',
  summary: 'Build an image from a Dockerfile',
  common: true,
  load: () => import('./commands/image/build.ts'),
};
const pull: CommandEntry = {
  name: 'pull',
  summary: 'Download an image from a registry',
  common: true,
  load: () => import('./commands/image/pull.ts'),
};
const push: CommandEntry = {
  name: 'push',
  summary: 'Upload an image to a registry',
  common: true,
  load: () => import('./commands/image/push.ts'),
};
const save: CommandEntry = {
  name: 'save',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  load: () => import('./commands/image/save.ts'),
};
const search: CommandEntry = {
  name: 'search',
  summary: 'Search Docker Hub for images',
  load: () => import('./commands/search.ts'),
};
const tag: CommandEntry = {
  name: 'tag',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  load: () => import('./commands/image/tag.ts'),
};

/** Nouns, in the order of help. */
export const groups: readonly GroupEntry[] = [
  {
    name: 'container',
    summary: 'Manage containers',
    commands: [
      attach,
      commit,
      cp,
      create,
      diff,
      exec,
      exportContainer,
      inspectContainer,
      kill,
      logs,
      { ...ps, name: 'ls', aliases: ['list', 'ps'] },
      pause,
      port,
      pruneContainers,
      rename,
      restart,
      { ...rm, aliases: ['remove'] },
      run,
      start,
      stop,
      stats,
      top,
      unpause,
      update,
      wait,
    ],
  },
  {
    name: 'image',
    summary: 'Manage images',
    commands: [
      build,
      historyOfImage,
      importImage,
      inspectImage,
      load,
      { ...images, name: 'ls', aliases: ['list'] },
      pruneImages,
      pull,
      push,
      { ...rmi, name: 'rm', aliases: ['remove'] },
      save,
      tag,
    ],
  },
  {
    name: 'completion',
    summary: 'Generate the autocompletion script for a shell',
    commands: [
      { name: 'bash', summary: 'For bash', load: () => import('./commands/completion/bash.ts') },
      { name: 'fish', summary: 'For fish', load: () => import('./commands/completion/fish.ts') },
      { name: 'zsh', summary: 'For zsh', load: () => import('./commands/completion/zsh.ts') },
    ],
  },
  {
    name: 'context',
    summary: 'Manage contexts',
    commands: [
      {
        name: 'create',
        summary: 'Create a context',
        load: () => import('./commands/context/create.ts'),
      },
      {
        name: 'export',
        summary: 'Export a context to a tar archive FILE or a tar stream on STDOUT',
        load: () => import('./commands/context/export.ts'),
      },
      {
        name: 'import',
        summary: 'Import a context from a tar or zip file',
        load: () => import('./commands/context/import.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more contexts',
        load: () => import('./commands/context/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List contexts',
        load: () => import('./commands/context/ls.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more contexts',
        load: () => import('./commands/context/rm.ts'),
      },
      {
        name: 'show',
        summary: 'Print the name of the current context',
        load: () => import('./commands/context/show.ts'),
      },
      { name: 'update', summary: 'Update a context', load: () => import('./commands/context/update.ts') },
      {
        name: 'use',
        summary: 'Set the current docker context',
        load: () => import('./commands/context/use.ts'),
      },
    ],
  },
  {
    name: 'network',
    summary: 'Manage networks',
    commands: [
      {
        name: 'connect',
        summary: 'Connect a container to a network',
        load: () => import('./commands/network/connect.ts'),
      },
      { name: 'create', summary: 'Create a network', load: () => import('./commands/network/create.ts') },
      {
        name: 'disconnect',
        summary: 'Disconnect a container from a network',
        load: () => import('./commands/network/disconnect.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more networks',
        load: () => import('./commands/network/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List networks',
        load: () => import('./commands/network/ls.ts'),
      },
      {
        name: 'prune',
        summary: 'Remove all unused networks',
        load: () => import('./commands/network/prune.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more networks',
        load: () => import('./commands/network/rm.ts'),
      },
    ],
  },
  {
    name: 'system',
    summary: 'Manage the engine',
    commands: [dialStdio, diskUsage, events, info, systemPrune],
  },
  {
    name: 'volume',
    summary: 'Manage volumes',
    commands: [
      {
        name: 'create',
        summary: 'Create a volume',
        load: () => import('./commands/volume/create.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more volumes',
        load: () => import('./commands/volume/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List volumes',
        load: () => import('./commands/volume/ls.ts'),
      },
      {
        name: 'prune',
        summary: 'Remove unused local volumes',
        load: () => import('./commands/volume/prune.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more volumes',
        load: () => import('./commands/volume/rm.ts'),
      },
      {
        name: 'update',
        summary: 'Update a volume (cluster volumes only)',
        load: () => import('./commands/volume/update.ts'),
      },
    ],
  },
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
