import type { CommandEntry, GroupEntry } from './entry.ts';

export const attach: CommandEntry = {
  name: 'attach',
  summary: 'Attach local standard input, output, and error streams to a running container',
  load: () => import('../commands/container/attach.ts'),
};
export const commit: CommandEntry = {
  name: 'commit',
  summary: "Create a new image from a container's changes",
  load: () => import('../commands/container/commit.ts'),
};
export const cp: CommandEntry = {
  name: 'cp',
  summary: 'Copy files/folders between a container and the local filesystem',
  load: () => import('../commands/container/cp.ts'),
};
export const create: CommandEntry = {
  name: 'create',
  summary: 'Create a new container',
  load: () => import('../commands/container/create.ts'),
};
export const diff: CommandEntry = {
  name: 'diff',
  summary: "Inspect changes to files or directories on a container's filesystem",
  load: () => import('../commands/container/diff.ts'),
};
export const exec: CommandEntry = {
  name: 'exec',
  summary: 'Execute a command in a running container',
  common: true,
  load: () => import('../commands/container/exec.ts'),
};
export const exportContainer: CommandEntry = {
  name: 'export',
  summary: "Export a container's filesystem as a tar archive",
  load: () => import('../commands/container/export.ts'),
};
export const run: CommandEntry = {
  name: 'run',
  summary: 'Create and run a new container from an image',
  common: true,
  load: () => import('../commands/container/run.ts'),
};
export const start: CommandEntry = {
  name: 'start',
  summary: 'Start one or more stopped containers',
  load: () => import('../commands/container/start.ts'),
};
export const wait: CommandEntry = {
  name: 'wait',
  summary: 'Block until one or more containers stop, then print their exit codes',
  load: () => import('../commands/container/wait.ts'),
};
const inspectContainer: CommandEntry = {
  name: 'inspect',
  summary: 'Display detailed information on one or more containers',
  load: () => import('../commands/container/inspect.ts'),
};
export const kill: CommandEntry = {
  name: 'kill',
  summary: 'Kill one or more running containers',
  load: () => import('../commands/container/kill.ts'),
};
export const logs: CommandEntry = {
  name: 'logs',
  summary: 'Fetch the logs of a container',
  load: () => import('../commands/container/logs.ts'),
};
export const port: CommandEntry = {
  name: 'port',
  summary: 'List port mappings or a specific mapping for the container',
  load: () => import('../commands/container/port.ts'),
};
export const ps: CommandEntry = {
  name: 'ps',
  summary: 'List containers',
  common: true,
  load: () => import('../commands/container/ls.ts'),
};
export const rename: CommandEntry = {
  name: 'rename',
  summary: 'Rename a container',
  load: () => import('../commands/container/rename.ts'),
};
export const pause: CommandEntry = {
  name: 'pause',
  summary: 'Pause all processes within one or more containers',
  load: () => import('../commands/container/pause.ts'),
};
export const unpause: CommandEntry = {
  name: 'unpause',
  summary: 'Unpause all processes within one or more containers',
  load: () => import('../commands/container/unpause.ts'),
};
export const stats: CommandEntry = {
  name: 'stats',
  summary: 'Display a live stream of container(s) resource usage statistics',
  load: () => import('../commands/container/stats.ts'),
};
export const top: CommandEntry = {
  name: 'top',
  summary: 'Display the running processes of a container',
  load: () => import('../commands/container/top.ts'),
};
export const update: CommandEntry = {
  name: 'update',
  summary: 'Update configuration of one or more containers',
  load: () => import('../commands/container/update.ts'),
};
export const restart: CommandEntry = {
  name: 'restart',
  summary: 'Restart one or more containers',
  load: () => import('../commands/container/restart.ts'),
};
export const rm: CommandEntry = {
  name: 'rm',
  summary: 'Remove one or more containers',
  load: () => import('../commands/container/rm.ts'),
};
export const stop: CommandEntry = {
  name: 'stop',
  summary: 'Stop one or more running containers',
  load: () => import('../commands/container/stop.ts'),
};
const pruneContainers: CommandEntry = {
  name: 'prune',
  summary: 'Remove all stopped containers',
  load: () => import('../commands/container/prune.ts'),
};

/** The verbs of `container`. */
export const containerGroup: GroupEntry = {
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
};
