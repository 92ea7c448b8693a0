import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { describeEndpoint, endpointFlag } from './endpoint.ts';
import { checkContextName } from './names.ts';
import { defaultDescription, readWhole, storeOf } from './source.ts';

interface Options {
  description: string;
  docker: Record<string, string> | undefined;
  from: string;
}

function create(name: string, { description, docker, from }: Options, context: CommandContext): void {
  checkContextName(name);
  const store = storeOf(context);
  if (store.has(name)) throw new CommandError(`context "${name}" already exists`);
  if (from !== '' && docker) throw new CommandError('cannot use --docker flag when --from is set');
  const told = description === '' ? {} : { Description: description };
  if (docker) {
    const { endpoint, tls } = describeEndpoint(docker, context);
    store.write({ Name: name, Metadata: told, Endpoints: { docker: endpoint } }, tls);
    return;
  }
  const source = from || context.contextName;
  const { metadata, tls } = readWhole(context, source);
  const inherited = source === 'default' ? { Description: defaultDescription } : metadata.Metadata;
  store.write({ ...metadata, Name: name, Metadata: { ...inherited, ...told } }, tls);
}

export default defineCommand({
  usage: '[OPTIONS] CONTEXT',
  summary: 'Create a context',
  description:
    'Keeps the address of an engine, and what it takes to be let in, under a name. Without --docker and --from ' +
    'it is that of the context in use. docker and davit share their contexts.',
  examples: [
    {
      command: 'context create box --docker host=ssh://me@box.example',
      explanation: 'An engine on another machine, over ssh',
    },
    {
      command: 'context create lab --docker host=tcp://lab:2376,ca=ca.pem,cert=cert.pem,key=key.pem',
      explanation: 'One that asks for a certificate',
    },
  ],
  arguments: exactly(1),
  flags: {
    description: flag.string({ summary: 'Say what the context is for', default: '' }),
    docker: endpointFlag,
    from: flag.string({ value: 'context', summary: 'Copy another context', default: '' }),
  },
  run: async (options, [name = ''], context) => {
    create(name, options, context);
    await context.streams.out.line(name);
    await context.streams.err.line(`Successfully created context "${name}"`);
    return 0;
  },
});
