import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { atLeast, defineCommand } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { printTasks, taskFlags, withFilter } from './tasks.ts';

export default defineCommand({
  usage: '[OPTIONS] SERVICE [SERVICE...]',
  summary: 'List the tasks of one or more services',
  examples: [{ command: 'service ps --no-trunc web', explanation: 'With all of what went wrong' }],
  arguments: atLeast(1),
  flags: taskFlags,
  run: ({ filter, ...options }, names, context) =>
    withManager(context, async (client) => {
      const [byName, byId] = await Promise.all(
        ['name', 'id'].map((field) =>
          client.call(swarmRoutes.serviceList, { query: { filters: { [field]: names } } }),
        ),
      );
      const services = [...(byId ?? []), ...(byName ?? [])];
      const missing: string[] = [];
      const wanted = names.flatMap((name) => {
        const exact = services.find(({ ID, Spec }) => ID === name || Spec.Name === name);
        const found = exact ?? services.find(({ ID }) => ID.startsWith(name));
        if (!found) missing.push(`no such service: ${name}`);
        return found ? [found.ID] : [];
      });
      if (wanted.length === 0) throw new CommandError(missing.join('\n'));
      const filters = withFilter(filter, 'service', wanted);
      await printTasks(
        client,
        await client.call(swarmRoutes.taskList, { query: { filters } }),
        { ...options, noTrunc: options.noTrunc || options.quiet },
        context,
      );
      if (missing.length > 0) throw new CommandError(missing.join('\n'));
      return 0;
    }),
});
