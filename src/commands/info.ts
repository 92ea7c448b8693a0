import { apiVersion, routes } from '@davit/api';
import type { CommandContext } from '../context.ts';
import type { ServerInfo } from '../format/info-text.ts';
import { asText } from '../http/raw.ts';
import { describeClient } from './client-info.ts';
import { defineCommand, noArguments } from './command.ts';
import { objectFormatFlag } from './list-format.ts';

/** What the engine says of itself, as it wrote it, or why it says nothing. */
async function askServer(context: CommandContext): Promise<{ raw: string } | { failure: unknown }> {
  try {
    const client = await context.connect();
    return { raw: await client.call(asText(routes.info)) };
  } catch (error) {
    return { failure: error };
  }
}

/** Whether a format shows everything. */
const isWhole = (format: string) => format === 'json' || format === 'yaml';

async function compile(format: string) {
  const [{ compileTemplate }, { templateFailure }] = await Promise.all([
    import('../format/template/template.ts'),
    import('../format/template/failure.ts'),
  ]);
  try {
    return { template: compileTemplate(isWhole(format) ? '{{json .}}' : format), templateFailure };
  } catch (error) {
    throw templateFailure('template parsing error: ', error, 64);
  }
}

/** What the client tells of itself, as JSON. */
async function clientInfo(context: CommandContext): Promise<string> {
  const Plugins = await context.plugins();
  const client = describeClient(context.endpoint.context, apiVersion);
  return JSON.stringify({ ...client, Debug: false, Plugins });
}

/** Shows by a template; the engine is asked only when the template wants something of it, as with docker. */
async function showFormatted(format: string, context: CommandContext): Promise<void> {
  const { out } = context.streams;
  const { template, templateFailure } = await compile(format);
  const [{ typedValue }, { parseJson }, { clientPart, dockerInfo }] = await Promise.all([
    import('../format/go/decode.ts'),
    import('../format/json.ts'),
    import('../format/objects/system.ts'),
  ]);
  const ClientInfo = parseJson(await clientInfo(context));
  let text = '';
  const write = (part: string) => (text += part);
  if (!isWhole(format) && !/{{ *json *\. *}}/.test(format)) {
    try {
      template.execute(typedValue(clientPart, { ClientInfo }), write);
      await out.write(`${text}\n`);
      return;
    } catch {
      text = '';
    }
  }
  const asked = await askServer(context);
  const info = 'raw' in asked ? parseJson(asked.raw) : {};
  const whole = { ...(typeof info === 'object' ? info : {}), ClientInfo };
  let failure: unknown = 'failure' in asked ? asked.failure : undefined;
  try {
    template.execute(typedValue(dockerInfo, whole), write);
  } catch (error) {
    failure = templateFailure('', error);
  }
  await out.write(
    format === 'yaml' && !failure ? (await import('../format/yaml.ts')).yamlOf(text) : `${text}\n`,
  );
  if (failure) throw failure;
}

async function showText(context: CommandContext): Promise<void> {
  const { streams, endpoint } = context;
  const [asked, plugins, { infoText }] = await Promise.all([
    askServer(context),
    context.plugins(),
    import('../format/info-text.ts'),
  ]);
  const server = 'raw' in asked ? (JSON.parse(asked.raw) as ServerInfo) : null;
  const { Version } = describeClient(endpoint.context, apiVersion);
  const client = { version: Version, context: endpoint.context, debug: false, plugins };
  await streams.out.write(infoText(client, server));
  for (const { Path, Err } of plugins) {
    if (Err !== undefined) await streams.err.line(`WARNING: Plugin "${Path}" is not valid: ${Err}`);
  }
  for (const warning of server?.Warnings ?? []) await streams.err.line(warning);
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
    format: objectFormatFlag,
  },
  run: async ({ format }, _args, context) => {
    await (format === '' ? showText(context) : showFormatted(format, context));
    return 0;
  },
});
