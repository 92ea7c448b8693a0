import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../../exit.ts';
import { systemReason } from '../archive.ts';
import { between, defineCommand } from '../command.ts';
import { packContext } from './archive.ts';
import { checkContextName } from './names.ts';
import { readWhole } from './source.ts';

export default defineCommand({
  usage: 'CONTEXT [FILE|-]',
  summary: 'Export a context to a tar archive FILE or a tar stream on STDOUT',
  description: 'The archive holds the keys of the TLS material too: keep it to yourself.',
  examples: [
    { command: 'context export box', explanation: 'Writes box.dockercontext' },
    {
      command: 'context export box - | ssh me@desk davit context import box -',
      explanation: 'To another desk',
    },
  ],
  arguments: between(1, 2),
  flags: {},
  run: async (_options, [name = '', file = `${name}.dockercontext`], context) => {
    const { out, err } = context.streams;
    if (name !== 'default') checkContextName(name);
    const { metadata, tls } = readWhole(context, name);
    if (file === '-') {
      if (out.isTerminal) {
        throw new CommandError('cowardly refusing to export to a terminal, specify a file path');
      }
      for await (const chunk of packContext(metadata, tls)) await out.write(chunk as Buffer);
      return 0;
    }
    try {
      await pipeline(packContext(metadata, tls), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      throw new CommandError(`open ${file}: ${systemReason(error)}`, 1, { cause: error });
    }
    await err.line(`Written file ${JSON.stringify(file)}`);
    return 0;
  },
});
