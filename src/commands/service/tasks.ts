import type { Filters, Task } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { formatList } from '../../format/list.ts';
import { type ListedTask, taskList } from '../../format/lists/task.ts';
import { compareNaturally } from '../../format/natural.ts';
import type { Client } from '../../http/client.ts';
import { flag } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';
import { createNames } from './names.ts';

/** The flags of all commands that list tasks. */
export const taskFlags = {
  filter: filterFlag(),
  format: listFormatFlag,
  noResolve: flag.boolean({ summary: 'Print IDs in the place of names' }),
  noTrunc: flag.boolean({ summary: 'Show long values whole' }),
  quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
};

interface TaskOptions {
  format: string;
  noResolve: boolean;
  noTrunc: boolean;
  quiet: boolean;
}

const table =
  'table {{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}';

/** Those of one service beside each other, by their place, the newest first. */
function compareTasks(one: ListedTask, other: ListedTask): number {
  return (
    compareNaturally(one.name, other.name) ||
    Date.parse(other.task.CreatedAt) - Date.parse(one.task.CreatedAt)
  );
}

/** Prints tasks with their names. In tables, earlier tasks of the same place stand below the last one, set in. */
export async function printTasks(
  client: Client,
  tasks: readonly Task[],
  { format, noResolve, noTrunc, quiet }: TaskOptions,
  context: CommandContext,
): Promise<void> {
  const names = createNames(client, noResolve);
  const rows = await Promise.all(
    tasks.map(async (task): Promise<ListedTask> => {
      const service = await names.service(task.ServiceID);
      const place = task.Slot ? `.${task.Slot}` : `.${task.NodeID ?? ''}`;
      return { task, name: `${service}${place}`, node: await names.node(task.NodeID ?? '') };
    }),
  );
  rows.sort(compareTasks);
  const { out } = context.streams;
  const template = listTemplate(
    { format, quiet },
    { table, configured: context.config.format('tasksFormat') },
  );
  const shown = template.startsWith('table')
    ? rows.map((row, index) =>
        row.name === rows[index - 1]?.name ? { ...row, name: ` \\_ ${row.name}` } : row,
      )
    : rows;
  const list = taskList({ whole: noTrunc, now: new Date() });
  await out.write(await formatList(list, shown, template, out));
}

/** The filters with one more condition, which any of `values` fulfils. */
export const withFilter = (filters: Filters, name: string, values: string[]): Filters => ({
  ...filters,
  [name]: [...(filters[name] ?? []), ...values],
});
