import { routes } from '@davit/api';
import { CommandError, describeError } from '../../exit.ts';
import { defineCommand, exactly } from '../command.ts';

export default defineCommand({
  usage: 'CONTAINER NEW_NAME',
  summary: 'Rename a container',
  examples: [
    { command: 'rename web old-web', explanation: 'Make room for another container of this name' },
    { command: 'rename 4f1c web', explanation: 'Give a name to a container by its ID' },
  ],
  arguments: exactly(2),
  flags: {},
  run: async (_options, args, context) => {
    const [name = '', newName = ''] = args.map((text) => text.trim());
    if (name === '' || newName === '')
      throw new CommandError('Error: Neither old nor new names may be empty');
    const client = await context.connect();
    try {
      await client.call(routes.containerRename, { path: { name }, query: { name: newName } });
    } catch (error) {
      throw new CommandError(`${describeError(error)}\nError: failed to rename container named ${name}`);
    }
    return 0;
  },
});
