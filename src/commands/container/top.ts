import { routes } from '@davit/api';
import { alignTabs } from '../../format/table.ts';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';

export default defineCommand({
  usage: 'CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  description:
    'Shows the processes as ps on the machine of the engine sees them; what follows the name is for ps.',
  examples: [
    { command: 'top web', explanation: 'Its processes, as ps -ef shows them' },
    { command: 'top web -o pid,args', explanation: 'Process IDs and command lines' },
  ],
  arguments: atLeast(1),
  flags: {},
  stopAtFirstArgument: true,
  run: async (_options, [name = '', ...args], context) => {
    const client = await context.connect();
    const { Titles, Processes } = await client.call(routes.containerTop, {
      path: containerPath(name),
      query: { ps_args: args.join(' ') },
    });
    const rows = [Titles, ...(Processes ?? [])];
    const lines = rows.map((row) => `${row.join('\t')}\n`).join('');
    await context.streams.out.write(alignTabs(lines, { leastWidth: 20, gap: 3 }));
    return 0;
  },
});
