import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { forEachName } from '../each.ts';
import { keepCurrentContext } from './current.ts';
import { storeOf } from './source.ts';

function remove(name: string, force: boolean, context: CommandContext): void {
  if (name === 'default') throw new CommandError('context "default" cannot be removed');
  const store = storeOf(context);
  if (!force && !store.has(name)) throw new CommandError(`context "${name}" does not exist`);
  if (name === context.contextName) {
    if (!force) throw new CommandError(`context "${name}" is in use, set -f flag to force remove`);
    keepCurrentContext(context.config.directory, 'default');
  }
  store.remove(name);
}

export default defineCommand({
  usage: 'CONTEXT [CONTEXT...]',
  summary: 'Remove one or more contexts',
  examples: [{ command: 'context rm box', explanation: 'Forget an engine and its TLS material' }],
  arguments: atLeast(1),
  flags: { force: flag.boolean({ short: 'f', summary: 'Remove the context in use too' }) },
  run: async ({ force }, names, context) => {
    await forEachName(names, async (name) => remove(name, force, context), {
      out: context.streams.out,
      oneByOne: true,
    });
    return 0;
  },
});
