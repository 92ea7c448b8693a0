import { apiVersion, routes, type SystemVersion } from '@davit/api';
import type { CommandContext } from '../context.ts';
import type { CommandError } from '../exit.ts';
import { describeBuildTime } from '../format/build-time.ts';
import { describeClient } from './client-info.ts';
import { defineCommand, noArguments } from './command.ts';
import { objectFormatFlag } from './list-format.ts';

type Server = Partial<SystemVersion>;

/** Engines list their parts; one that does not, or leaves itself out, is a part as well. */
function withEngine(server: Server): Server {
  const components = server.Components ?? [];
  const known = components.map((component) => {
    const built = component.Details?.BuildTime;
    if (component.Name !== 'Engine' || built === undefined) return component;
    return { ...component, Details: { ...component.Details, BuildTime: describeBuildTime(built) } };
  });
  if (components.some(({ Name }) => Name === 'Engine')) return { ...server, Components: known };
  const engine = {
    Name: 'Engine',
    Version: server.Version ?? '',
    Details: {
      ApiVersion: server.ApiVersion ?? '',
      MinAPIVersion: server.MinAPIVersion ?? '',
      GitCommit: server.GitCommit ?? '',
      GoVersion: server.GoVersion ?? '',
      Os: server.Os ?? '',
      Arch: server.Arch ?? '',
      BuildTime: describeBuildTime(server.BuildTime ?? ''),
      Experimental: String(server.Experimental ?? false),
    },
  };
  return { ...server, Components: [...known, engine] };
}

/** What the engine says of itself, or why it says nothing. */
async function askServer(
  context: CommandContext,
): Promise<{ server: Server; spoken: string } | { failure: unknown }> {
  try {
    const client = await context.connect();
    const server = withEngine(await client.call(routes.version));
    return { server, spoken: await client.version() };
  } catch (error) {
    return { failure: error };
  }
}

/** The text of a template; what it wrote before an error is kept, as it is printed all the same. */
async function executeFormat(
  format: string,
  info: object,
): Promise<{ text: string; failure?: CommandError }> {
  const [
    { compileTemplate },
    { typedValue },
    { parseJson },
    { versionInfo },
    { alignTabs },
    { versionLayout },
    { templateFailure },
  ] = await Promise.all([
    import('../format/template/template.ts'),
    import('../format/go/decode.ts'),
    import('../format/json.ts'),
    import('../format/objects/version.ts'),
    import('../format/table.ts'),
    import('../format/version-text.ts'),
    import('../format/template/failure.ts'),
  ]);
  let text = '';
  try {
    const template = compileTemplate(['json', 'yaml'].includes(format) ? '{{json .}}' : format, 'version');
    try {
      template.execute(typedValue(versionInfo, parseJson(JSON.stringify(info))), (part) => (text += part));
    } catch (error) {
      return { text: `${text}\n`, failure: templateFailure('', error) };
    }
  } catch (error) {
    throw templateFailure('template parsing error: ', error, 64);
  }
  if (format === 'yaml') return { text: (await import('../format/yaml.ts')).yamlOf(text) };
  return { text: `${alignTabs(text, versionLayout)}\n` };
}

async function show(format: string, context: CommandContext): Promise<void> {
  const { streams, endpoint } = context;
  const asked = await askServer(context);
  const server = 'server' in asked ? asked.server : null;
  const spoken = 'server' in asked ? asked.spoken : apiVersion;
  const client = describeClient(endpoint.context, apiVersion, spoken);
  if (format === '') {
    const { versionText } = await import('../format/version-text.ts');
    await streams.out.write(versionText(client, server, process.versions.node));
  } else {
    const { text, failure } = await executeFormat(format, { Client: client, Server: server });
    await streams.out.write(text);
    if (failure) throw failure;
  }
  if ('failure' in asked) throw asked.failure;
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Show the version information',
  description: 'Shows the versions of the client, of the engine and of what the engine consists of.',
  examples: [
    { command: 'version', explanation: 'Both versions, and the API that they speak' },
    { command: "version -f '{{.Server.Version}}'", explanation: 'The version of the engine' },
  ],
  arguments: noArguments,
  flags: {
    format: objectFormatFlag,
  },
  run: async ({ format }, _args, context) => {
    await show(format, context);
    return 0;
  },
});
