import { type Filters, routes } from '@davit/api';
import type { CommandContext } from '../context.ts';
import { defineCommand, flag, noArguments } from './command.ts';
import { filterFlag } from './filter.ts';
import { toEngineTime } from './timestamps.ts';

/** Makes the text for an event from its JSON. */
type Describe = (raw: string) => string;

/** The text of an event in the format that was asked for; its template is tried on an event without content. */
async function describer(format: string): Promise<Describe> {
  if (format === '') return (await import('../format/event-text.ts')).eventText;
  const [{ compileTemplate }, { templateFailure }, { typedValue }, { parseJson }, { eventMessage }] =
    await Promise.all([
      import('../format/template/template.ts'),
      import('../format/template/failure.ts'),
      import('../format/go/decode.ts'),
      import('../format/json.ts'),
      import('../format/objects/event.ts'),
    ]);
  if (format === 'yaml') {
    const { yamlOf } = await import('../format/yaml.ts');
    return (raw) => `---\n${yamlOf(raw)}`;
  }
  try {
    const template = compileTemplate(format === 'json' ? '{{json .}}' : format);
    template.render(typedValue(eventMessage, {}));
    return (raw) => `${template.render(typedValue(eventMessage, parseJson(raw)))}\n`;
  } catch (error) {
    throw templateFailure('Error parsing format: ', error, 64);
  }
}

interface Options {
  filter: Filters;
  format: string;
  since: string;
  until: string;
}

function time(value: string): string {
  return value === '' ? '' : toEngineTime(value);
}

async function watch(options: Options, context: CommandContext): Promise<void> {
  const describe = await describer(options.format);
  const query = { since: time(options.since), until: time(options.until), filters: options.filter };
  const client = await context.connect();
  // Events are read as text: their times have more digits than a number of JavaScript.
  const { stream } = await client.call({ ...routes.events, answer: { kind: 'stream' } }, { query });
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const texts = lines.filter((line) => line.trim() !== '').map(describe);
    await context.streams.out.write(texts.join(''));
  }
  if (rest.trim() !== '') await context.streams.out.write(describe(rest));
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Get real time events from the server',
  description:
    'Prints what happens to containers, images, networks and volumes, as it happens. With --since it begins with ' +
    'what has happened already, with --until it ends.',
  examples: [
    { command: 'events --filter container=web --filter event=die', explanation: 'Whenever a container ends' },
    {
      command: "events --since 1h --until 0s --format '{{.Action}} {{.Actor.Attributes.name}}'",
      explanation: 'The last hour, in short',
    },
  ],
  arguments: noArguments,
  flags: {
    filter: filterFlag({
      summary: 'Show only what fits a condition, such as type=image (any number of times)',
    }),
    format: flag.string({ summary: 'Print in this way: json, yaml, or TEMPLATE', default: '' }),
    since: flag.string({ summary: 'Begin with what happened from this time on', default: '' }),
    until: flag.string({ summary: 'End at this time', default: '' }),
  },
  run: async (options, _args, context) => {
    await watch(options, context);
    return 0;
  },
});
