import type { CommandContext } from '../../context.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { describeEndpoint, endpointFlag } from './endpoint.ts';
import { checkContextName } from './names.ts';
import { storeOf } from './source.ts';

interface Options {
  description: string;
  docker: Record<string, string> | undefined;
}

function update(name: string, { description, docker }: Options, context: CommandContext): void {
  checkContextName(name);
  const store = storeOf(context);
  const metadata = store.read(name);
  const Metadata = { ...metadata.Metadata, ...(description && { Description: description }) };
  const changed = docker && describeEndpoint(docker, context);
  const Endpoints = { ...metadata.Endpoints, ...(changed && { docker: changed.endpoint }) };
  store.write({ ...metadata, Metadata, Endpoints }, changed?.tls);
}

export default defineCommand({
  usage: '[OPTIONS] CONTEXT',
  summary: 'Update a context',
  description:
    'Replaces the description or the endpoint of a context; the TLS material goes with the endpoint.',
  examples: [
    { command: 'context update box --docker host=ssh://me@new.example', explanation: 'After a move' },
  ],
  arguments: exactly(1),
  flags: {
    description: flag.string({ summary: 'Say what the context is for', default: '' }),
    docker: endpointFlag,
  },
  run: async (options, [name = ''], context) => {
    update(name, options, context);
    await context.streams.out.line(name);
    await context.streams.err.line(`Successfully updated context "${name}"`);
    return 0;
  },
});
