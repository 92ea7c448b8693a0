import type { GroupEntry } from './entry.ts';

/** The commands for managers of a Swarm. */
export const swarmGroups: readonly GroupEntry[] = [
  {
    name: 'config',
    summary: 'Manage Swarm configs',
    commands: [
      {
        name: 'create',
        summary: 'Create a config from a file or STDIN',
        load: () => import('../commands/config/create.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more configs',
        load: () => import('../commands/config/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List configs',
        load: () => import('../commands/config/ls.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more configs',
        load: () => import('../commands/config/rm.ts'),
      },
    ],
  },
  {
    name: 'node',
    summary: 'Manage Swarm nodes',
    commands: [
      {
        name: 'demote',
        summary: 'Demote one or more nodes from manager in the swarm',
        load: () => import('../commands/node/demote.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more nodes',
        load: () => import('../commands/node/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List nodes in the swarm',
        load: () => import('../commands/node/ls.ts'),
      },
      {
        name: 'promote',
        summary: 'Promote one or more nodes to manager in the swarm',
        load: () => import('../commands/node/promote.ts'),
      },
      {
        name: 'ps',
        summary: 'List tasks running on one or more nodes, defaults to current node',
        load: () => import('../commands/node/ps.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more nodes from the swarm',
        load: () => import('../commands/node/rm.ts'),
      },
      { name: 'update', summary: 'Update a node', load: () => import('../commands/node/update.ts') },
    ],
  },
  {
    name: 'secret',
    summary: 'Manage Swarm secrets',
    commands: [
      {
        name: 'create',
        summary: 'Create a secret from a file or STDIN as content',
        load: () => import('../commands/secret/create.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more secrets',
        load: () => import('../commands/secret/inspect.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List secrets',
        load: () => import('../commands/secret/ls.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more secrets',
        load: () => import('../commands/secret/rm.ts'),
      },
    ],
  },
  {
    name: 'service',
    summary: 'Manage Swarm services',
    commands: [
      {
        name: 'create',
        summary: 'Create a new service',
        load: () => import('../commands/service/create.ts'),
      },
      {
        name: 'inspect',
        summary: 'Display detailed information on one or more services',
        load: () => import('../commands/service/inspect.ts'),
      },
      {
        name: 'logs',
        summary: 'Fetch the logs of a service or task',
        load: () => import('../commands/service/logs.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List services',
        load: () => import('../commands/service/ls.ts'),
      },
      {
        name: 'ps',
        summary: 'List the tasks of one or more services',
        load: () => import('../commands/service/ps.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove'],
        summary: 'Remove one or more services',
        load: () => import('../commands/service/rm.ts'),
      },
      {
        name: 'rollback',
        summary: "Revert changes to a service's configuration",
        load: () => import('../commands/service/rollback.ts'),
      },
      {
        name: 'scale',
        summary: 'Scale one or multiple replicated services',
        load: () => import('../commands/service/scale.ts'),
      },
      {
        name: 'update',
        summary: 'Update a service',
        load: () => import('../commands/service/update.ts'),
      },
    ],
  },
  {
    name: 'stack',
    summary: 'Manage Swarm stacks',
    commands: [
      {
        name: 'config',
        summary: 'Outputs the final config file, after doing merges and interpolations',
        load: () => import('../commands/stack/config.ts'),
      },
      {
        name: 'deploy',
        aliases: ['up'],
        summary: 'Deploy a new stack or update an existing stack',
        load: () => import('../commands/stack/deploy.ts'),
      },
      {
        name: 'ls',
        aliases: ['list'],
        summary: 'List stacks',
        load: () => import('../commands/stack/ls.ts'),
      },
      {
        name: 'ps',
        summary: 'List the tasks in the stack',
        load: () => import('../commands/stack/ps.ts'),
      },
      {
        name: 'rm',
        aliases: ['remove', 'down'],
        summary: 'Remove one or more stacks',
        load: () => import('../commands/stack/rm.ts'),
      },
      {
        name: 'services',
        summary: 'List the services in the stack',
        load: () => import('../commands/stack/services.ts'),
      },
    ],
  },
  {
    name: 'swarm',
    summary: 'Manage Swarm',
    commands: [
      {
        name: 'ca',
        summary: 'Display and rotate the root CA',
        load: () => import('../commands/swarm/ca.ts'),
      },
      { name: 'init', summary: 'Initialize a swarm', load: () => import('../commands/swarm/init.ts') },
      {
        name: 'join',
        summary: 'Join a swarm as a node and/or manager',
        load: () => import('../commands/swarm/join.ts'),
      },
      {
        name: 'join-token',
        summary: 'Manage join tokens',
        load: () => import('../commands/swarm/join-token.ts'),
      },
      { name: 'leave', summary: 'Leave the swarm', load: () => import('../commands/swarm/leave.ts') },
      { name: 'unlock', summary: 'Unlock swarm', load: () => import('../commands/swarm/unlock.ts') },
      {
        name: 'unlock-key',
        summary: 'Manage the unlock key',
        load: () => import('../commands/swarm/unlock-key.ts'),
      },
      { name: 'update', summary: 'Update the swarm', load: () => import('../commands/swarm/update.ts') },
    ],
  },
];
