import { defineCommand, exactly, flag } from '../command.ts';
import { createStoredFile, readData } from '../secret/stored-file.ts';
import { splitPair } from '../values.ts';
import { config } from './config.ts';

export default defineCommand({
  usage: '[OPTIONS] CONFIG file|-',
  summary: 'Create a config from a file or STDIN',
  examples: [{ command: 'config create site ./nginx.conf', explanation: 'Keep what is in the file' }],
  arguments: exactly(2),
  flags: {
    label: flag.list({ short: 'l', summary: 'Labels of the config' }),
    templateDriver: flag.string({ summary: 'Driver that fills templates in', since: '1.37', default: '' }),
  },
  run: async ({ label, templateDriver }, [name = '', file = ''], context) =>
    createStoredFile(
      config,
      {
        Name: name,
        Labels: Object.fromEntries(label.map(splitPair)),
        Data: await readData(file, context),
        ...(templateDriver === '' ? {} : { Templating: { Name: templateDriver } }),
      },
      context,
    ),
});
