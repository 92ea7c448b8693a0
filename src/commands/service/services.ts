import type { Service } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { formatList } from '../../format/list.ts';
import { serviceList } from '../../format/lists/service.ts';
import { compareNaturally } from '../../format/natural.ts';
import { flag } from '../command.ts';
import { filterFlag } from '../filter.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const table = 'table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}';

/** The flags of all commands that list services. */
export const serviceFlags = {
  filter: filterFlag(),
  format: listFormatFlag,
  quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
};

/** Prints services in the order of their names. */
export async function printServices(
  services: readonly Service[],
  { format, quiet }: { format: string; quiet: boolean },
  { config, streams: { out } }: CommandContext,
): Promise<void> {
  const sorted = services.toSorted((one, other) => compareNaturally(one.Spec.Name, other.Spec.Name));
  const template = listTemplate({ format, quiet }, { table, configured: config.format('servicesFormat') });
  await out.write(await formatList(serviceList, sorted, template, out));
}
