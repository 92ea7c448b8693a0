import type { BuildInspect } from '@davit/api';
import { formatList } from './list.ts';
import { buildName, buildStepList, secondsText } from './lists/build.ts';

const table =
  'table {{.Number}}\t{{.Stage}}\t{{.Status}}\t{{.StartedAfter}}\t{{.Duration}}\t{{.Size}}\t{{.Instruction}}';

/** What `builder inspect` prints of a build: how it went, and its steps in a table. */
export async function buildText(build: BuildInspect, target: { isTerminal: boolean }): Promise<string> {
  const { ID, Status, Image, StartedAt, Seconds, Steps, CachedSteps, BuildSteps } = build;
  const lines: [string, string][] = [
    ['Build', ID],
    ['Name', buildName(build)],
    ['Status', Status],
    ['Started', StartedAt],
    ['Duration', secondsText(Seconds)],
    ['Steps', `${Steps}, ${CachedSteps} of them cached`],
    ...(Image === '' ? [] : ([['Image', Image]] as [string, string][])),
    ...(build.Error === ''
      ? []
      : ([['Error', build.Error.replaceAll('\n', `\n${' '.repeat(10)}`)]] as [string, string][])),
  ];
  const facts = lines.map(([name, text]) => `${`${name}:`.padEnd(10)}${text}\n`).join('');
  return `${facts}\n${await formatList(buildStepList, BuildSteps, table, target)}`;
}
