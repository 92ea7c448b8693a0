import { swarmRoutes } from '@davit/api';
import { formatList } from '../../format/list.ts';
import { stackList } from '../../format/lists/stack.ts';
import { compareNaturally } from '../../format/natural.ts';
import { defineCommand, noArguments } from '../command.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';
import { stackLabel } from './convert/stack.ts';

const table = 'table {{.Name}}\t{{.Services}}';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'List stacks',
  description:
    'Lists the stacks of the Swarm. --format takes a Go template with the fields Name and Services.',
  examples: [{ command: "stack ls --format '{{.Name}}'", explanation: 'Their names' }],
  arguments: noArguments,
  flags: { format: listFormatFlag },
  run: ({ format }, _args, context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      const filters = { label: [stackLabel] };
      const services = await client.call(swarmRoutes.serviceList, { query: { filters } });
      const counts = Map.groupBy(services, ({ Spec }) => Spec.Labels?.[stackLabel] ?? '');
      const stacks = [...counts]
        .map(([name, members]) => ({ name, services: members.length }))
        .sort((one, other) => compareNaturally(one.name, other.name));
      const template = listTemplate({ format }, { table });
      await out.write(await formatList(stackList, stacks, template, out));
      return 0;
    }),
});
