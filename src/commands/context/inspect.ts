import type { CommandContext } from '../../context.ts';
import { encodeText } from '../../format/go/encode.ts';
import { anyNumber, defineCommand } from '../command.ts';
import { type Inspectable, inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';
import { readWhole, storeOf } from './source.ts';

/** A context's JSON, as docker shows it. Throws when there is none of that name. */
function read(context: CommandContext, name: string): string {
  const { metadata, tls } = readWhole(context, name);
  const { docker, ...others } = metadata.Endpoints;
  const place = storeOf(context).place(name);
  const inMemory = '<IN MEMORY>';
  const storage =
    name === 'default'
      ? { MetadataPath: inMemory, TLSPath: inMemory }
      : { MetadataPath: place.meta, TLSPath: place.tls };
  const { Host = '', SkipTLSVerify = false } = docker ?? {};
  const endpoint = docker && { docker: { ...(Host && { Host }), SkipTLSVerify } };
  const shown = {
    Name: metadata.Name,
    Metadata: metadata.Metadata,
    Endpoints: { ...endpoint, ...others },
    TLSMaterial: Object.fromEntries(
      Object.entries(tls).map(([endpointName, files]) => [endpointName, Object.keys(files)]),
    ),
    Storage: storage,
  };
  return escapeHtml(JSON.stringify(shown));
}

/** Go writes these characters as escapes, and outside of texts JSON has none of them. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&]/g, (character) => encodeText(character, true).slice(1, -1));
}

const contexts: Pick<Inspectable, 'kind' | 'type'> = {
  kind: 'context',
  type: async () => (await import('../../format/objects/context.ts')).contextInspect,
};

export default defineCommand({
  usage: '[OPTIONS] [CONTEXT] [CONTEXT...]',
  summary: 'Display detailed information on one or more contexts',
  description: 'Shows the contexts of these names, or the one in use, as JSON or by a Go template.',
  examples: [
    {
      command: "context inspect -f '{{.Endpoints.docker.Host}}' box",
      explanation: 'The address of its engine',
    },
  ],
  arguments: anyNumber,
  flags: {
    format: objectFormatFlag,
  },
  run: async ({ format }, names, context) => {
    const wanted = names.length > 0 ? names : [context.contextName];
    const find = async (name: string) => ({ raw: read(context, name), inspectable: contexts });
    await inspectNames(wanted, format, find, context, { typedOnly: true });
    return 0;
  },
});
