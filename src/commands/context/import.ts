import { CommandError } from '../../exit.ts';
import { openArchive } from '../archive.ts';
import { defineCommand, exactly } from '../command.ts';
import { unpackContext } from './archive.ts';
import { checkContextName } from './names.ts';
import { storeOf } from './source.ts';

export default defineCommand({
  usage: 'CONTEXT FILE|-',
  summary: 'Import a context from a tar or zip file',
  examples: [{ command: 'context import box box.dockercontext', explanation: 'What `context export` wrote' }],
  arguments: exactly(2),
  flags: {},
  run: async (_options, [name = '', file = ''], context) => {
    const { in: input, out, err } = context.streams;
    checkContextName(name);
    const store = storeOf(context);
    if (store.has(name)) throw new CommandError(`context "${name}" already exists`);
    const { metadata, tls } = await unpackContext(file === '-' ? input.stream : await openArchive(file));
    store.write({ ...metadata, Name: name }, tls);
    await out.line(name);
    await err.line(`Successfully imported context "${name}"`);
    return 0;
  },
});
