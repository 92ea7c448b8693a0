import { swarmRoutes, type Task } from '@davit/api';
import { CommandError, describeError } from '../../exit.ts';
import { anyNumber, defineCommand } from '../command.ts';
import { printTasks, taskFlags, withFilter } from '../service/tasks.ts';
import { withManager } from '../swarm/manager.ts';
import { nodeReference } from './resolve.ts';

export default defineCommand({
  usage: '[OPTIONS] [NODE...]',
  summary: 'List tasks running on one or more nodes, defaults to current node',
  examples: [
    { command: 'node ps --filter desired-state=running', explanation: 'What is to run on this node' },
  ],
  arguments: anyNumber,
  flags: taskFlags,
  run: ({ filter, ...options }, names, context) =>
    withManager(context, async (client) => {
      const tasks: Task[] = [];
      const problems: string[] = [];
      for (const name of names.length > 0 ? names : ['self']) {
        try {
          const id = await nodeReference(client, name);
          const node = await client.call(swarmRoutes.nodeInspect, { path: { id } });
          const filters = withFilter(filter, 'node', [node.ID]);
          tasks.push(...(await client.call(swarmRoutes.taskList, { query: { filters } })));
        } catch (error) {
          problems.push(describeError(error));
        }
      }
      if (tasks.length > 0 || problems.length === 0) await printTasks(client, tasks, options, context);
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
      return 0;
    }),
});
