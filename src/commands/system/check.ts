import { styleText } from 'node:util';
import { engineSocket } from '../../config/socket.ts';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { formatList } from '../../format/list.ts';
import { type ExaminedRow, examinedList } from '../../format/lists/examined.ts';
import type { Output } from '../../terminal/streams.ts';
import { defineCommand, noArguments } from '../command.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const table = 'table {{.Area}}\t{{.Name}}\t{{.Status}}\t{{.Detail}}';

const colors: Record<string, Parameters<typeof styleText>[0]> = {
  ...{ ok: 'green', limited: 'yellow', missing: 'red', unknown: 'dim' },
};

/** The examination; on other systems than Linux there is nothing to examine. */
async function examineHere({ environment, program }: CommandContext) {
  if (process.platform !== 'linux') {
    throw new CommandError(
      `the engine of davit runs on Linux only; ${program} itself works here with an engine elsewhere (-H, DOCKER_HOST or a context)`,
    );
  }
  const { examine } = await import('@davit/engine/machine');
  const { DAVIT_DATA_ROOT: data, DAVIT_EXEC_ROOT: exec } = environment;
  const given = { ...(data && { 'data-root': data }), ...(exec && { 'exec-root': exec }) };
  return examine({ given, socket: engineSocket(environment), environment });
}

/** What there is to mend, each with its command, and what all packages are installed with. */
function remedies(rows: readonly ExaminedRow[], install: string, out: Output): string {
  const wrong = rows.filter(({ state }) => state === 'missing' || state === 'limited');
  const bold = (text: string) => (out.color ? styleText('bold', text) : text);
  const lines = wrong.flatMap(({ name, remedy }) => (remedy ? [`  ${name}: ${bold(remedy)}`] : []));
  const isMany =
    install !== '' && wrong.filter(({ remedy }) => remedy.startsWith(install.split(' ')[0] ?? '')).length > 1;
  const count = rows.filter(({ state }) => state === 'missing').length;
  const verdict =
    count === 0
      ? 'All that the engine needs is there.'
      : `${count} of what the engine needs ${count === 1 ? 'is' : 'are'} missing.`;
  return [
    ...(lines.length > 0 ? ['', 'How to mend it:', ...lines] : []),
    ...(isMany ? [`  all packages at once: ${bold(install)}`] : []),
    ...['', verdict, ''],
  ].join('\n');
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Examine this machine for what the engine needs',
  description:
    'Looks at the kernel, cgroups, programs, room, networks and the socket of the bundled engine, and says what is ' +
    'missing and how to mend it. Root tries things out, in namespaces that are gone afterwards. The status is ok, ' +
    'limited (containers run, something that they may ask for does not work), missing (no container runs) or ' +
    'unknown (only root can find out). The exit code is 1 when something is missing. --format takes a Go template ' +
    'with the fields Area, Name, Status, Detail and Remedy.',
  examples: [
    { command: 'system check', explanation: 'What is there, what is missing, and how to mend it' },
    { command: 'system check --format json', explanation: 'The same for a program, one object a line' },
  ],
  arguments: noArguments,
  flags: { format: listFormatFlag },
  run: async ({ format }, _args, context) => {
    const { out } = context.streams;
    const { rows, install } = await examineHere(context);
    const isPlain = format === '' || format === 'table';
    const paint = (state: string) =>
      isPlain && out.color ? styleText(colors[state] ?? 'reset', state) : state;
    await out.write(await formatList(examinedList(paint), rows, listTemplate({ format }, { table }), out));
    if (isPlain) await out.write(remedies(rows, install, out));
    return rows.some(({ state }) => state === 'missing') ? 1 : 0;
  },
});
