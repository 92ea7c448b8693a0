import { CommandError } from '../../exit.ts';
import { between, defineCommand, flag } from '../command.ts';
import { splitPair } from '../values.ts';
import { secret } from './secret.ts';
import { createStoredFile, readData } from './stored-file.ts';

export default defineCommand({
  usage: '[OPTIONS] SECRET [file|-]',
  summary: 'Create a secret from a file or STDIN as content',
  examples: [{ command: 'secret create password ./password.txt', explanation: 'Keep what is in the file' }],
  arguments: between(1, 2),
  flags: {
    driver: flag.string({ short: 'd', summary: 'Driver that knows the secret', since: '1.31', default: '' }),
    label: flag.list({ short: 'l', summary: 'Labels of the secret' }),
    templateDriver: flag.string({ summary: 'Driver that fills templates in', since: '1.37', default: '' }),
  },
  run: async ({ driver, label, templateDriver }, [name = '', file], context) => {
    if (driver !== '' && file !== undefined)
      throw new CommandError('When using secret driver secret data must be empty');
    if (driver === '' && file === undefined)
      throw new CommandError('secret data must be given as a file, or - for standard input');
    return createStoredFile(
      secret,
      {
        Name: name,
        Labels: Object.fromEntries(label.map(splitPair)),
        ...(file === undefined ? {} : { Data: await readData(file, context) }),
        ...(driver === '' ? {} : { Driver: { Name: driver } }),
        ...(templateDriver === '' ? {} : { Templating: { Name: templateDriver } }),
      },
      context,
    );
  },
});
