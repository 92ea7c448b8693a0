import { apiVersion, routes } from '@davit/api';
import type { CommandContext } from '../context.ts';
import type { ServerInfo } from '../format/info-text.ts';
import { asText } from '../http/raw.ts';
import { describeClient } from './client-info.ts';
import { defineCommand, flag, noArguments } from './command.ts';

/** What the engine says of itself, as it wrote it, or why it says nothing. */
async function askServer(context: CommandContext): Promise<{ raw: string } | { failure: unknown }> {
  try {
    const client = await context.connect();
    return { raw: await client.call(asText(routes.info)) };
  } catch (error) {
    return { failure: error };
  }
}

async function compile(format: string) {
  const [{ compileTemplate }, { templateFailure }] = await Promise.all([
    import('../format/template/template.ts'),
    import('../format/template/failure.ts'),
  ]);
  try {
    return { template: compileTemplate(format === 'json' ? '{{json .}}' : format), templateFailure };
  } catch (error) {
    throw templateFailure('template parsing error: ', error, 64);
  }
}

async function showFormatted(format: string, raw: string, context: CommandContext): Promise<void> {
  const { template, templateFailure } = await compile(format);
  const [{ typedValue }, { parseJson }, { dockerInfo }] = await Promise.all([
    import('../format/go/decode.ts'),
    import('../format/json.ts'),
    import('../format/objects/system.ts'),
  ]);
  const client = { ...describeClient(context.endpoint.context, apiVersion), Debug: false, Plugins: [] };
  const info = parseJson(raw);
  const whole = {
    ...(typeof info === 'object' ? info : {}),
    ClientInfo: parseJson(JSON.stringify(client)),
  };
  let text = '';
  try {
    template.execute(typedValue(dockerInfo, whole), (part) => (text += part));
  } catch (error) {
    await context.streams.out.write(`${text}\n`);
    throw templateFailure('', error);
  }
  await context.streams.out.write(`${text}\n`);
}

async function show(format: string, context: CommandContext): Promise<void> {
  const { streams, endpoint } = context;
  const asked = await askServer(context);
  const raw = 'raw' in asked ? asked.raw : null;
  if (format !== '') await showFormatted(format, raw ?? '{}', context);
  else {
    const { infoText } = await import('../format/info-text.ts');
    const server = raw === null ? null : (JSON.parse(raw) as ServerInfo);
    const { Version } = describeClient(endpoint.context, apiVersion);
    const client = { version: Version, context: endpoint.context, debug: false };
    await streams.out.write(infoText(client, server));
    for (const warning of server?.Warnings ?? []) await streams.err.line(warning);
  }
  if ('failure' in asked) throw asked.failure;
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Display system-wide information',
  description: 'Shows what the engine runs on, how it is set up, and how many containers and images it has.',
  examples: [
    { command: 'info', explanation: 'Everything, for people' },
    { command: "info -f '{{.Driver}} {{.CgroupVersion}}'", explanation: 'Two facts, for a script' },
  ],
  arguments: noArguments,
  flags: {
    format: flag.string({ short: 'f', summary: 'Print in this way: json, or TEMPLATE', default: '' }),
  },
  run: async ({ format }, _args, context) => {
    await show(format, context);
    return 0;
  },
});
