import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly } from '../command.ts';
import { printTasks, taskFlags } from '../service/tasks.ts';
import { withManager } from '../swarm/manager.ts';
import { checkStackName, ofStack } from './convert/stack.ts';

export default defineCommand({
  usage: '[OPTIONS] STACK',
  summary: 'List the tasks in the stack',
  examples: [{ command: 'stack ps --filter desired-state=running shop', explanation: 'What is to run' }],
  arguments: exactly(1),
  flags: taskFlags,
  run: async ({ filter, ...options }, [name = ''], context) => {
    checkStackName(name);
    return withManager(context, async (client) => {
      const filters = ofStack(name, filter);
      const tasks = await client.call(swarmRoutes.taskList, { query: { filters } });
      if (tasks.length === 0) throw new CommandError(`nothing found in stack: ${name}`);
      await printTasks(client, tasks, options, context);
      return 0;
    });
  },
});
